"""The commands ``resilience survey ...``; those here estimate, compare waves and pass answers on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.foundation.terminal import note, say
from resilience_analysis.survey.command_import import APP, asked_instrument, refuse_absent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resilience_analysis.survey.instrument import Instrument
    from resilience_analysis.survey.releases import Issue
    from resilience_analysis.survey.tables import Estimated

OutFolder = Annotated[Path, typer.Option("--out", help="Folder to write to.")]
_NAMED = 5


@APP.command()
def estimate(
    answers: Annotated[Path, typer.Argument(help="A table of respondents by items, or what an import wrote.")],
    *,
    by: Annotated[str, typer.Option(help="Column with the groups.")],
    out: OutFolder,
    items: Annotated[Path | None, typer.Option(help="CSV: item, dimension, reverse. Default: items.yml.")] = None,
    wave: Annotated[str | None, typer.Option(help="Which wave of imported answers.")] = None,
    weight: Annotated[str | None, typer.Option(help="Column with weights.")] = None,
    margins: Annotated[Path | None, typer.Option(help="CSV: column, value, n. Weights are raked to it.")] = None,
    population: Annotated[
        Path | None, typer.Option(help="CSV: group, N people. Corrects errors by answers of N.")
    ] = None,
    missing: Annotated[list[str] | None, typer.Option(help="What stands for no answer, such as 9.")] = None,
    min_answered: Annotated[float | None, typer.Option(help="Least share of answered items of a dimension.")] = None,
    confidence: Annotated[float, typer.Option(help="Coverage of the intervals.")] = 0.95,
    strata: Annotated[str | None, typer.Option(help="Column with the stratum of every respondent.")] = None,
    cluster: Annotated[str | None, typer.Option(help="Column with the cluster of every respondent.")] = None,
    interval: Annotated[str, typer.Option(help="Interval of means: normal or t (Student's).")] = "normal",
    gap: Annotated[str | None, typer.Option(help="COLUMN:VALUE:OTHER. Compare two values, such as roles.")] = None,
    total: Annotated[bool, typer.Option("--total", help="Add all groups together.")] = False,
    shrink: Annotated[bool, typer.Option("--shrink", help="Add Fay-Herriot estimates of the dimensions.")] = False,
    internal: Annotated[bool, typer.Option("--internal", help="Show all, stamped not for publication.")] = False,
) -> None:
    """Estimate items and dimensions per group, and hide what is too small to show."""
    asked = {name: value for name, value in locals().items() if name not in {"answers", "out", "missing"}}
    from resilience_analysis.foundation.cells import write_table
    from resilience_analysis.survey.tables import estimate_file
    from resilience_analysis.survey.weights import EstimateOptions

    for path in (answers, items, margins, population):
        refuse_absent(path)
    options = EstimateOptions(**asked, missing=[code for text in missing or [] for code in text.split(",")])
    instrument = asked_instrument(None)
    estimated = estimate_file(answers, options, instrument)
    if not internal and estimated.table.waves:  # of a table from elsewhere nothing is known to remember
        _remember(answers, estimated, by, instrument)
    for name, table in estimated.tables.items():
        write_table(out / name, table)
    _tell_estimates(estimated, instrument.counting.suppress_below)
    say("\n".join(f"wrote {out / name}" for name in estimated.tables))


def _remember(place: Path, found: Estimated, by: str, instrument: Instrument) -> None:
    """Compare a release of real people's answers with those before it."""
    from resilience_analysis.survey.issues import estimated

    if not found.table.synthetic(instrument.synthetic):
        _remember_all(place, estimated(found, by), instrument)


def _remember_all(place: Path, issues: Mapping[str, Issue], instrument: Instrument) -> None:
    """Compare what is released of every wave with what was before; where that cannot be written down, only say so."""
    from resilience_analysis.survey.memory import record_of, remember_all

    records = {record_of(place, wave): issue for wave, issue in issues.items()}
    if not remember_all(records, least=instrument.counting.suppress_below):
        where = next(iter(records)).parent
        note(f"warning: {where} cannot be written, so this release is not remembered")


def _tell_estimates(estimated: Estimated, least: int) -> None:
    for name in ("items.csv", "dimensions.csv"):
        counts = estimated.tables[name]["status"].value_counts()
        note(f"{name}: " + ", ".join(f"{count} {status}" for status, count in counts.items()))
    for dimension, item, count, correlation in estimated.suspects.itertuples(index=False):
        note(
            f"warning: {item} runs against the rest of {dimension} (correlation {correlation:.2f}, n {count}). "
            "Was its reversal forgotten?"
        )
    if estimated.corrected:
        note(
            f"population correction in {estimated.corrected} groups: each error is multiplied by sqrt(1 - n / N), n "
            "being those with an answer to the item, or a score in the dimension, and N the people of the group"
        )
    absent = estimated.unanswered
    if absent:
        more = f" and {len(absent) - _NAMED} more" if len(absent) > _NAMED else ""
        note(f"no respondents in these groups of the population: {', '.join(absent[:_NAMED])}{more}")
    raked = estimated.raked
    if raked:
        bound = raked.trimmed if raked.trimmed not in range(1, least) else f"fewer than {least}"
        note(
            f"weights raked in {raked.rounds} rounds: effective n {raked.n_effective:.0f}, design effect "
            f"{raked.design_effect:.1f}, {bound} at a bound, largest gap to a margin {raked.margin_gap:.2g}"
        )


@APP.command()
def change(
    place: Annotated[Path, typer.Argument(help="Folder with the imports of both waves.")],
    earlier: Annotated[str, typer.Option(help="Label of the earlier wave.")],
    later: Annotated[str, typer.Option(help="Label of the later wave.")],
    out: Annotated[Path, typer.Option(help="File to write, CSV or XLSX.")],
) -> None:
    """Estimate what changed between two waves, per municipality, item and dimension."""
    from resilience_analysis.foundation.cells import write_table
    from resilience_analysis.survey.change import change as changes
    from resilience_analysis.survey.change import read_wordings
    from resilience_analysis.survey.estimates import estimates
    from resilience_analysis.survey.issues import issues
    from resilience_analysis.survey.publishing import mark_synthetic
    from resilience_analysis.survey.responses import check_survey_table, read_answers, without_synthetic

    instrument = asked_instrument(None)
    answers = check_survey_table(read_answers(place), "answers", subject=str(place))
    waves = sorted(set(answers["wave"]))
    absent = [wave for wave in (earlier, later) if wave not in waves]
    if absent:
        raise UsageError(f"no answers of wave {', '.join(absent)} in {place}. It has {', '.join(waves)}")
    table = estimates(answers, instrument)
    found = changes(answers, table, read_wordings(place), instrument, earlier=earlier, later=later)
    real = without_synthetic(answers, instrument.synthetic)
    of_waves = issues(real, table, instrument, found.assign(earlier=earlier, later=later))
    _remember_all(place, {wave: of_waves[wave] for wave in (earlier, later) if wave in of_waves}, instrument)
    write_table(out, mark_synthetic(found, answers, instrument.synthetic))
    note(", ".join(f"{count} {method}" for method, count in found["method"].fillna("without").value_counts().items()))
    say(f"wrote {out}")


@APP.command()
def export(
    place: Annotated[Path, typer.Argument(help="A file of answers, or a folder with files answers.csv.")],
    out: Annotated[Path, typer.Option(help="File to write, CSV or XLSX.")],
    drop: Annotated[list[str] | None, typer.Option(help="Column about the respondent to leave out.")] = None,
    k: Annotated[int | None, typer.Option(min=1, help="How many must share who they are; 5 or more.")] = None,
) -> None:
    """Pass answers on one by one, if no respondent stands out by municipality, village, role and background."""
    from resilience_analysis.survey.responses import check_survey_table, read_answers
    from resilience_analysis.survey.sharing import export_answers

    answers = check_survey_table(read_answers(place), "answers", subject=str(place))
    count = export_answers(out, answers, asked_instrument(None), drop=drop or (), k=k, beside=place)
    say(f"wrote {out}: {count} respondents")


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(APP, name="survey")
