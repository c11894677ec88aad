"""The commands ``resilience survey ...``: ask, import, check, estimate, compare, and make example data."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from resilience_analysis.foundation.errors import InputError, Problem, UsageError
from resilience_analysis.foundation.terminal import note, say, show_table

if TYPE_CHECKING:
    from resilience_analysis.survey.estimating import Estimated
    from resilience_analysis.survey.importing import Imported
    from resilience_analysis.survey.instrument import Instrument
    from resilience_analysis.survey.mapping import ImportMapping

survey = typer.Typer(
    help="The self-assessment: ask, import, check, estimate.", no_args_is_help=True, pretty_exceptions_enable=False
)

OutFolder = Annotated[Path, typer.Option("--out", help="Folder to write to.")]
Places = Annotated[Path | None, typer.Option(help="CSV with nis_code, name and village: other places than Neteland.")]
TOOLS = "limesurvey, kobotoolbox, microsoft_forms, google_forms, mentimeter, qualtrics, tally or plain"
_NAMED = 5
_WAVE = re.compile(r"\d{4}(?!\d).*")


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.add_typer(survey, name="survey")


@survey.command()
def questionnaire(
    form: Annotated[str, typer.Option("--format", help="xlsform, limesurvey, csv, md or html.")] = "xlsform",
    lang: Annotated[str, typer.Option(help="nl or en.")] = "nl",
    out: Annotated[Path | None, typer.Option(help="File to write.")] = None,
    places: Places = None,
) -> None:
    """Write the questionnaire."""
    from resilience_analysis.survey.questionnaire import FILE_NAMES, write_questionnaire

    path = out or Path(FILE_NAMES.get(form, "questionnaire"))
    write_questionnaire(path, form, _instrument(places), lang=lang)
    say(f"wrote {path}")


@survey.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV or XLSX as the tool exported it.")],
    *,
    wave: Annotated[str, typer.Option(help="Label of the wave; begins with the year.")],
    tool: Annotated[str, typer.Option(help=f"auto, {TOOLS}.")] = "auto",
    mapping: Annotated[Path | None, typer.Option(help="YAML: which columns and answers are which.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write to; default below data/private.")] = None,
    fixed: Annotated[list[str] | None, typer.Option("--set", help="FIELD=VALUE for every respondent.")] = None,
    key: Annotated[Path | None, typer.Option(help="Key file of the pseudonyms, to follow people over waves.")] = None,
    places: Places = None,
) -> None:
    """Import what a survey tool exported: answers, a table of problems and a report."""
    from resilience_analysis.survey.importfiles import write_import
    from resilience_analysis.survey.importing import ImportOptions, import_answers
    from resilience_analysis.survey.privacy import KEY_FILE, read_key

    _refuse_absent(file)
    if not _WAVE.fullmatch(wave):
        raise UsageError(f"--wave {wave}: a wave begins with its year, such as 2026 or 2026-autumn")
    instrument = _instrument(places)
    folder = out or _private() / wave / file.stem
    names = _municipality_names()
    options = ImportOptions(
        wave=wave,
        tool=tool,
        mapping=_mapping(mapping, fixed or [], instrument),
        municipalities=names,
        closed=bool(names),
        key=lambda: read_key(key or (folder if out else _private()) / KEY_FILE),
    )
    imported = import_answers(file, instrument, options)
    paths = write_import(folder, imported, file, wave)
    _tell(imported)
    say("\n".join(f"wrote {path}" for path in paths))
    if not len(imported.responses.people):
        why = f"{paths[1].name} says why" if imported.export.rows_in else "There is none below its headings"
        raise InputError(file.name, [Problem(file.name, "no row could be used", why)])


def _tell(imported: Imported) -> None:
    export = imported.export
    note(f"recognised as {export.tool} by {export.evidence}")
    note(f"{export.rows_in} rows in = {imported.rows_used} used + {imported.rows_explained} explained")
    note(f"{len(imported.responses.people)} respondents, {imported.unfinished} of them did not finish")
    unmatched = [match.heading for match in imported.matches if match.kind == "unmatched"]
    if unmatched:
        note(f"{len(unmatched)} columns match nothing and are left out, such as {', '.join(unmatched[:5])}")
    if imported.problems:
        note(f"{len(imported.problems)} problems are listed in problems.csv")
    if imported.synthetic:
        note("these are made-up answers; they stay marked synthetic")


@survey.command()
def check(
    place: Annotated[Path, typer.Argument(help="A file of answers, or a folder with files answers.csv.")],
) -> None:
    """Say what is wrong, thin or risky in files of answers."""
    import pandas as pd

    from resilience_analysis.survey.checking import FAULT, check_answers

    findings = check_answers(place, _instrument(None))
    if findings:
        show_table(pd.DataFrame([vars(finding) for finding in findings]))
    faults = [Problem(finding.file, finding.what) for finding in findings if finding.kind == FAULT]
    if faults:
        raise InputError(str(place), faults)
    say("nothing is wrong with these answers")


@survey.command()
def estimate(
    answers: Annotated[Path, typer.Argument(help="A table of respondents by items, or what an import wrote.")],
    *,
    by: Annotated[str, typer.Option(help="Column with the groups.")],
    out: OutFolder,
    items: Annotated[Path | None, typer.Option(help="CSV: item, dimension, reverse. Default: items.yml.")] = None,
    wave: Annotated[str | None, typer.Option(help="Which wave of imported answers.")] = None,
    weight: Annotated[str | None, typer.Option(help="Column with weights.")] = None,
    margins: Annotated[Path | None, typer.Option(help="CSV: column, value, n. Weights are raked to it.")] = None,
    population: Annotated[Path | None, typer.Option(help="CSV: group, N. Finite population correction.")] = None,
    missing: Annotated[list[str] | None, typer.Option(help="What stands for no answer, such as 9.")] = None,
    min_answered: Annotated[float | None, typer.Option(help="Least share of answered items of a dimension.")] = None,
    confidence: Annotated[float, typer.Option(help="Coverage of the intervals.")] = 0.95,
    interval: Annotated[str, typer.Option(help="Interval of means: normal (as R's svyby) or t.")] = "normal",
    gap: Annotated[str | None, typer.Option(help="COLUMN:VALUE:OTHER. Compare two values, such as roles.")] = None,
    total: Annotated[bool, typer.Option("--total", help="Add all groups together.")] = False,
    shrink: Annotated[bool, typer.Option("--shrink", help="Add Fay-Herriot estimates of the dimensions.")] = False,
    internal: Annotated[bool, typer.Option("--internal", help="Show all, stamped not for publication.")] = False,
) -> None:
    """Estimate items and dimensions per group, and hide what is too small to show."""
    from resilience_analysis.foundation.cells import write_table
    from resilience_analysis.survey.estimating import EstimateOptions, estimate_file

    for path in (answers, items, margins, population):
        _refuse_absent(path)
    options = EstimateOptions(
        by=by,
        wave=wave,
        items=items,
        weight=weight,
        margins=margins,
        population=population,
        missing=[code for text in missing or [] for code in text.split(",")],
        min_answered=min_answered,
        confidence=confidence,
        interval=interval,
        gap=gap,
        total=total,
        shrink=shrink,
        internal=internal,
    )
    estimated = estimate_file(answers, options, _instrument(None))
    for name, table in estimated.tables.items():
        write_table(out / name, table)
    _tell_estimates(estimated)
    say("\n".join(f"wrote {out / name}" for name in estimated.tables))


def _tell_estimates(estimated: Estimated) -> None:
    for name in ("items.csv", "dimensions.csv"):
        counts = estimated.tables[name]["status"].value_counts()
        note(f"{name}: " + ", ".join(f"{count} {status}" for status, count in counts.items()))
    for dimension, item, count, correlation in estimated.analysis.suspects.itertuples(index=False):
        note(
            f"warning: {item} runs against the rest of {dimension} (correlation {correlation:.2f}, n {count}). "
            "Was its reversal forgotten?"
        )
    absent = estimated.unanswered
    if absent:
        more = f" and {len(absent) - _NAMED} more" if len(absent) > _NAMED else ""
        note(f"nobody answered in these groups of the population: {', '.join(absent[:_NAMED])}{more}")
    raked = estimated.raked
    if raked:
        note(
            f"weights raked in {raked.rounds} rounds: effective n {raked.n_effective:.1f}, design effect "
            f"{raked.design_effect:.2f}, {raked.trimmed} at a bound, largest gap to a margin {raked.margin_gap:.2g}"
        )


@survey.command()
def change(
    place: Annotated[Path, typer.Argument(help="Folder with the imports of both waves.")],
    earlier: Annotated[str, typer.Option(help="Label of the earlier wave.")],
    later: Annotated[str, typer.Option(help="Label of the later wave.")],
    out: Annotated[Path, typer.Option(help="File to write, CSV or XLSX.")],
) -> None:
    """Estimate what changed between two waves, per municipality, item and dimension."""
    from resilience_analysis.foundation.cells import write_table
    from resilience_analysis.foundation.schemas import check_table
    from resilience_analysis.survey.change import change as changes
    from resilience_analysis.survey.change import read_wordings
    from resilience_analysis.survey.outcomes import estimates
    from resilience_analysis.survey.release import mark_synthetic
    from resilience_analysis.survey.responses import read_answers

    instrument = _instrument(None)
    answers = check_table(read_answers(place), "answers", subject=str(place))
    waves = sorted(set(answers["wave"]))
    absent = [wave for wave in (earlier, later) if wave not in waves]
    if absent:
        raise UsageError(f"no answers of wave {', '.join(absent)} in {place}. It has {', '.join(waves)}")
    table = estimates(answers, instrument)
    found = changes(answers, table, read_wordings(place), instrument, earlier=earlier, later=later)
    write_table(out, mark_synthetic(found, answers, instrument.synthetic))
    note(", ".join(f"{count} {method}" for method, count in found["method"].fillna("without").value_counts().items()))
    say(f"wrote {out}")


@survey.command()
def example(
    out: Annotated[Path, typer.Option(help="File to write, CSV or XLSX.")],
    tool: Annotated[str, typer.Option(help=f"In which tool's form: {TOOLS}.")] = "limesurvey",
    wave: Annotated[str | None, typer.Option(help="2025 or 2026; the last by default.")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed gives other answers.")] = None,
) -> None:
    """Write made-up answers, marked synthetic, as a survey tool exports them."""
    from resilience_analysis.survey.examples import write_example
    from resilience_analysis.survey.synthetic import SEED, simulate

    instrument = _instrument(None)
    write_example(out, tool, simulate(instrument, wave=wave, seed=SEED if seed is None else seed), instrument)
    say(f"wrote {out}: made-up answers, marked synthetic")


@survey.command()
def export(
    place: Annotated[Path, typer.Argument(help="A file of answers, or a folder with files answers.csv.")],
    out: Annotated[Path, typer.Option(help="File to write, CSV or XLSX.")],
    drop: Annotated[list[str] | None, typer.Option(help="Column about the respondent to leave out.")] = None,
    k: Annotated[int | None, typer.Option(min=1, help="How many must share who they are; 5 or more.")] = None,
) -> None:
    """Pass answers on one by one, if nobody stands out by municipality, village, role and background."""
    from resilience_analysis.foundation.schemas import check_table
    from resilience_analysis.survey.responses import read_answers
    from resilience_analysis.survey.sharing import export_answers

    answers = check_table(read_answers(place), "answers", subject=str(place))
    count = export_answers(out, answers, _instrument(None), drop=drop or (), k=k)
    say(f"wrote {out}: {count} respondents")


def _refuse_absent(path: Path | None) -> None:
    if path is not None and not path.exists():
        raise UsageError(f"{path} does not exist")


def _instrument(places: Path | None) -> Instrument:
    from resilience_analysis.survey.items import load_instrument, read_places

    _refuse_absent(places)
    instrument = load_instrument()
    return instrument if places is None else instrument.with_places(*read_places(places))


def _private() -> Path:
    from resilience_analysis.foundation.project import find_project

    try:
        return find_project().private
    except UsageError as error:
        raise UsageError(f"{error}, or say with --out where the answers go") from None


def _municipality_names() -> dict[str, str]:
    """Return the NIS code of every municipality of the project by name; none outside a project."""
    import pandas as pd

    from resilience_analysis.foundation.project import find_project

    try:
        path = find_project().processed / "municipalities.csv"
    except UsageError:
        return {}
    if not path.is_file():
        return {}
    table = pd.read_csv(path, dtype=str, usecols=["nis_code", "name"])
    return dict(zip(table["name"], table["nis_code"], strict=True))


def _mapping(path: Path | None, fixed: list[str], instrument: Instrument) -> ImportMapping:
    from dataclasses import replace

    from resilience_analysis.foundation.errors import unknown
    from resilience_analysis.survey.instrument import FIELDS
    from resilience_analysis.survey.mapping import ImportMapping, read_mapping

    _refuse_absent(path)
    mapping = read_mapping(path, instrument) if path else ImportMapping()
    pairs = dict(text.partition("=")[::2] for text in fixed)
    for name, value in pairs.items():
        if name not in FIELDS or not value:
            raise UsageError(f"--set {name}={value}: {unknown('field', name, FIELDS)}. Write --set FIELD=VALUE")
    return replace(mapping, fixed={**mapping.fixed, **pairs})
