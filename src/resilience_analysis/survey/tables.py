"""What ``resilience survey estimate`` does, from files to tables: read, weigh, estimate, withhold, mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.survey.answertable import (
    AnswerTable,
    read_answer_table,
    read_items,
)
from resilience_analysis.survey.bygroup import DIMENSION, ITEM, MEANS, POSITIONS, SCORE, Design, estimate_dimensions
from resilience_analysis.survey.estimates import Grouped, estimates
from resilience_analysis.survey.gaps import gap_table
from resilience_analysis.survey.instrument import BACKGROUND, ROLE, VILLAGE, Instrument
from resilience_analysis.survey.intervals import shrink
from resilience_analysis.survey.privacy import identifies
from resilience_analysis.survey.publishing import (
    STAMP_COLUMN,
    SUPPRESSED,
    SYNTHETIC_COLUMN,
    TOTAL,
    rounded,
)
from resilience_analysis.survey.reliability import COLUMNS as RELIABILITY_COLUMNS
from resilience_analysis.survey.reliability import forgotten_reversals, item_reliability, reliability, tells_of_few
from resilience_analysis.survey.representation import who_is_represented
from resilience_analysis.survey.scores import turned
from resilience_analysis.survey.wave import NOT_GIVEN
from resilience_analysis.survey.weights import EstimateOptions, Raked, design_of
from resilience_analysis.survey.wording import fold, words

_WHY = ["status", "hidden_because"]
ITEM_COLUMNS = (
    "by", "item", "n", "n_effective", *MEANS, "share_agree", "share_agree_low", "share_agree_high", "net_agreement",
    *_WHY,
)  # fmt: skip
DIMENSION_COLUMNS = ("by", "dimension", "n", "score", "score_se", "score_low", "score_high", *_WHY)
_LEAST_RELIABLE = 30


@dataclass(frozen=True)
class Estimated:
    """Tables by file name, and what there is to say about them."""

    tables: dict[str, pd.DataFrame]  # what is written
    estimates: pd.DataFrame  # what it comes from, as `estimates.estimates` gives it
    suspects: pd.DataFrame  # items that smell of a forgotten reversal, as `reliability.forgotten_reversals` gives them
    raked: Raked | None  # the weights that were raked
    unanswered: tuple[str, ...]  # groups of the population without respondents
    corrected: int  # number of groups whose errors are corrected for a finite population
    table: AnswerTable  # who answered what; `issues.estimated` makes of it and of the next what is remembered
    groups: pd.Series  # the group of each
    compared: tuple[str, ...] = ()  # the column of a comparison and its two values
    alike: pd.Series | None = None  # which respondents weigh the same, where readers know weights


def estimate_file(path: Path, options: EstimateOptions, instrument: Instrument) -> Estimated:
    r"""Estimate everything that is asked from one file or folder of answers.

    Parameters
    ----------
    path
        See `answertable.read_answer_table`.
    options
        What to estimate.
    instrument
        The self-assessment: its items where no others are given, its thresholds always.

    Raises
    ------
    InputError
        When a file has faults; all of one file at once.
    UsageError
        When a column, an interval or a coverage is not known, or when an option is outside its range.

    Examples
    --------
    >>> import tempfile
    >>> from resilience_analysis.survey.items import load_instrument
    >>> file = Path(tempfile.mkdtemp()) / "answers.csv"
    >>> _ = file.write_text("place,INF1\n" + "x,1\nx,4\n" * 6)
    >>> found = estimate_file(file, EstimateOptions("place"), load_instrument()).tables["items.csv"]
    >>> found[["by", "item", "n", "mean", "share_agree"]].to_numpy().tolist()
    [['x', 'INF1', 12.0, 2.5, 50.0]]
    """
    _check(options)
    items = read_items(options.items) if options.items else None
    table = read_answer_table(path, items, instrument, missing=options.missing).of_wave(options.wave, by=options.by)
    groups = _groups(table, options.by, instrument, known=options.population is not None)
    design, raked = design_of(path, table, groups, options, instrument)
    grouped = Grouped(table, groups, options.total)
    least, internal = instrument.counting.suppress_below, options.internal
    share = instrument.counting.min_answered_share if options.min_answered is None else options.min_answered
    possible = None if options.items else len(instrument.question(BACKGROUND).choices)
    found = estimates(grouped, instrument, design=design, min_answered=share, internal=internal)
    tables = {
        "items.csv": _layout(found, ITEM, ITEM_COLUMNS),
        "dimensions.csv": _layout(found, DIMENSION, DIMENSION_COLUMNS),
        **_reliability(found, table, least, internal=internal),
        "representation.csv": who_is_represented(found, grouped, design, possible, least, internal=internal),
    }
    if options.shrink:
        tables["shrunk.csv"] = _shrunk(tables["dimensions.csv"], grouped, design, share, internal=internal)
    if options.gap:
        tables["gap.csv"] = gap_table(table, options.gap, instrument, design, share, internal=internal)
    synthetic = table.synthetic(instrument.synthetic)
    people, answered = set(design.population or ()), set(groups.dropna())
    return Estimated(
        {name: _marked(frame, options.internal, synthetic) for name, frame in tables.items()},
        found,
        forgotten_reversals(table.values, table.items.dimensions, reverse=table.items.reverse),
        raked,
        tuple(sorted(people - answered)),
        len(people & answered),
        table,
        groups,
        tuple(options.gap.split(":")) if options.gap else (),
        design.classes,
    )


def _layout(found: pd.DataFrame, level: str, columns: Sequence[str]) -> pd.DataFrame:
    """Return the rows of a level as they are written, under the names of the file."""
    names = {"group": "by", "code": level}
    if level == DIMENSION:
        names |= {name: name.removeprefix("mean_") for name in SCORE}
    return found[found["level"] == level].rename(columns=names)[list(columns)].reset_index(drop=True)


def _reliability(found: pd.DataFrame, table: AnswerTable, least: int, *, internal: bool) -> dict[str, pd.DataFrame]:
    """Return how well the items of every dimension hang together, and each of them with the rest.

    It tells how the answers of one person go together: it takes 30 answers to every item of the dimension, and that it
    is not as `tells_of_few` says.
    """
    dimensions, reverse = table.items.dimensions, table.items.reverse
    scales = reliability(table.values, dimensions, reverse=reverse)
    items = item_reliability(table.values, dimensions, reverse=reverse)
    if not internal:
        few = pd.Series(_tells(scales, table, least), index=scales.index)
        thin = items["dimension"].isin(scales.loc[few, "dimension"])
        scales = _emptied(scales, few, ("alpha", "alpha_se", "alpha_if_dropped_max"))
        scales = rounded(scales.assign(alpha_se=np.ceil(10 * scales["alpha_se"]) / 10))
        items = _emptied(items, thin, ("n", "item_rest_correlation", "alpha_if_dropped"))
        # Where no group is shown, what they have together may tell of each.
        shown = found.loc[(found["level"] == ITEM) & (found["status"] != SUPPRESSED), "code"]
        items = rounded(_emptied(items, ~items["item"].isin(shown), ("n",)))
    return {"reliability.csv": scales[list(RELIABILITY_COLUMNS)], "item_reliability.csv": items}


def _tells(reliable: pd.DataFrame, answers: AnswerTable, least: int) -> list[bool]:
    """Return for every dimension whether its reliability rests on few answers or would tell those of few people."""
    values, items = turned(answers.values, answers.items.reverse), answers.items.dimensions
    counted = zip(reliable["dimension"].astype(str), reliable["n_answered"].tolist(), strict=True)
    return [
        number < max(least, _LEAST_RELIABLE)
        or tells_of_few(values[[item for item in items[name] if item in values]], least)
        for name, number in counted
    ]


def _emptied(table: pd.DataFrame, rows: pd.Series, columns: Sequence[str]) -> pd.DataFrame:
    return table.assign(**{name: table[name].astype(float).mask(rows) for name in columns})


def _shrunk(shown: pd.DataFrame, grouped: Grouped, design: Design, share: float, *, internal: bool) -> pd.DataFrame:
    """Return Fay-Herriot estimates beside the direct ones of every dimension, from the groups that are shown.

    A suppressed group takes no part: its score would weigh in the mean that the others are drawn to.
    """
    items, by = grouped.table.items, grouped.by.fillna(NOT_GIVEN)
    full = estimate_dimensions(
        grouped.table.values, by, items.dimensions, design, reverse=items.reverse, min_answered=share
    )
    areas = shown[shown["by"] != TOTAL].rename(columns={"score": "mean", "score_se": "se"})
    areas["n_effective"] = full["n_effective"].where(areas["mean"].notna())
    frames = [
        shrink(rows).assign(dimension=dimension, status=rows["status"].to_numpy())
        for dimension, rows in areas.groupby("dimension", sort=False)
    ]
    columns = ["by", "dimension", "direct", "direct_se", "shrunk", "shrunk_se", "kept", "model", "status"]
    table = pd.concat(frames, ignore_index=True)[columns]
    return table if internal else rounded(table)


def _groups(table: AnswerTable, by: str, instrument: Instrument, *, known: bool) -> pd.Series:
    """Return the group of each respondent; what a person wrote is never the name of a group.

    Raises
    ------
    UsageError
        When the column identifies people, or no value is given by enough of them.
    """
    groups, least = table.column(by), instrument.counting.suppress_below
    if any(identifies(str(group)) for group in groups.dropna().unique()):
        what = "holds mail or IP addresses, moments or telephone numbers, which identify people"
        raise UsageError(f"--by {by}: the column {what}. Choose a column with groups")
    number = groups.map(groups.value_counts())
    if not known and groups.notna().sum() >= least and not (number >= least).any():
        raise UsageError(f"--by {by}: no value is given by {least} people or more. Choose a column with groups")
    questions = [instrument.question(kind) for kind in (VILLAGE, ROLE, BACKGROUND)]
    asked = {fold(text) for one in questions for text in (one.id, one.code, *one.texts.every)}
    choices = [choice for question in instrument.questions for choice in question.choices]
    offered = {fold(text) for choice in choices for text in (choice.id, choice.code, *choice.texts.every)}
    written = groups.astype(str).str.contains(r"\s") | (fold(by) in asked)
    chosen = groups.map(lambda value: fold(str(value)) in offered)
    return groups.mask((number < least) & written & ~chosen)


def _marked(table: pd.DataFrame, internal: bool, synthetic: bool) -> pd.DataFrame:
    """Mark in every row what is not for publication, and what is made up."""
    marks = {STAMP_COLUMN: words("stamp.internal", "en")} if internal else {}
    marks |= {SYNTHETIC_COLUMN: words("synthetic.short", "en")} if synthetic else {}
    return table.assign(**marks)


def _check(options: EstimateOptions) -> None:
    if not 0 < options.confidence < 1:
        raise UsageError(f"a coverage of {options.confidence} is not possible. Give a share between 0 and 1")
    if options.min_answered is not None and not 0 <= options.min_answered <= 1:
        raise UsageError(
            f"a least share of {options.min_answered:g} answered items is not possible. Give 0 to 1, such as 0.5"
        )
    positions = {str(position) for position in POSITIONS}
    clash = sorted(code for code in options.missing if code.strip().removesuffix(".0") in positions)
    if clash:
        raise UsageError(f"--missing {clash[0]}: this is a position of the scale, and cannot stand for no answer")
    _check_design(options)


def _check_design(options: EstimateOptions) -> None:
    """Refuse what is not estimated for people drawn by strata or clusters."""
    drawn = options.cluster or options.strata
    if options.gap and drawn:
        raise UsageError(
            f"--gap with a design (column {drawn}) is not estimated. Estimate both groups with --by instead"
        )
    if options.population and options.cluster:
        raise UsageError("--population counts people, and --cluster says that clusters were drawn. Leave out one")
    if options.population and options.strata not in {None, options.by}:
        raise UsageError(
            f"--population counts people by {options.by}, and --strata names {options.strata}. "
            f"Take --strata {options.by}, or leave out one"
        )
