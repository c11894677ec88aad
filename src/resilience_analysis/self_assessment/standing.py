"""What was published of a wave stands, while answers that came or went since would tell of few people.

A second release that differs from the first by one respondent gives that respondent's answers away. Then the first is
published again, from the record of releases, until enough people make the difference.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from resilience_analysis.foundation.cells import csv_text, plain_table
from resilience_analysis.foundation.errors import InputError, Problem
from resilience_analysis.survey.instrument import Instrument
from resilience_analysis.survey.issues import issues
from resilience_analysis.survey.released import Issue, record_of, remedy, remember, tables_of, told_beside
from resilience_analysis.survey.responses import check_survey_table, without_synthetic

ESTIMATES, CHANGES = "estimates", "changes"
_NUMBERS = ("change", "low", "high")


@dataclass(frozen=True)
class ReleasedAnswers:
    """Answers that are released.

    Attributes
    ----------
    place
        Their folder.
    answers
        Schema ``answers``.
    instrument
        What was asked.
    """

    place: Path
    answers: pd.DataFrame
    instrument: Instrument

    @property
    def least(self) -> int:
        """Fewest people of whom a release may tell."""
        return self.instrument.counting.suppress_below


@dataclass(frozen=True)
class Standing:
    """What stands of earlier releases.

    Attributes
    ----------
    estimates
        Rows of ``estimates`` by wave that stands.
    changes
        Rows of the changes up to each of these waves.
    notes
        What to tell who made the release: which wave stands, and when that ends.
    """

    estimates: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    changes: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def standing(source: ReleasedAnswers, table: pd.DataFrame) -> Standing:
    """Compare estimates of real people's answers with what was released before, and return what stands.

    Parameters
    ----------
    source
        The answers.
    table
        Schema ``estimates``, of the same answers.

    Raises
    ------
    InputError
        When a release would tell of few people, and there is no earlier one to stand instead.
    """
    found: dict[str, pd.DataFrame] = {}
    changes: dict[str, pd.DataFrame] = {}
    notes = []
    for wave, issue in _fresh(source, table, Standing()).items():
        record = record_of(source.place, wave)
        why = told_beside(record, issue, least=source.least)
        if not why:
            continue
        before = tables_of(record)
        if ESTIMATES not in before:
            raise InputError("release", [Problem(f"wave {wave}", why, remedy(record, source.least))])
        found[wave] = check_survey_table(_read(before[ESTIMATES]), "estimates")
        changes[wave] = _read(before.get(CHANGES, ""))
        notes.append(f"wave {wave} stands as it was released: {why}. {remedy(record, source.least)}")
    return Standing(found, changes, tuple(notes))


def remember_build(source: ReleasedAnswers, table: pd.DataFrame, changes: pd.DataFrame, stands: Standing) -> None:
    """Write down what is released of every wave of real people's answers that does not stand.

    Parameters
    ----------
    source, table
        As for `standing`.
    changes
        Changes between waves, with the waves as earlier and later.
    stands
        What stands.

    Raises
    ------
    InputError
        When something would tell of few people beside what was released before.
    """
    for wave, issue in _fresh(source, table, stands, changes).items():
        tables = {
            ESTIMATES: csv_text(table[table["wave"] == wave]),
            CHANGES: csv_text(changes[changes["later"] == wave]),
        }
        remember(record_of(source.place, wave), issue, least=source.least, tables=tables)


def tells_who_is_followed(
    source: ReleasedAnswers, table: pd.DataFrame, changes: pd.DataFrame, stands: Standing
) -> bool:
    """Return whether changes of people who are followed would tell of few, beside what was released before.

    Parameters
    ----------
    source, table, changes, stands
        As for `remember_build`.
    """
    fresh = _fresh(source, table, stands, changes)
    return any(told_beside(record_of(source.place, wave), issue, least=source.least) for wave, issue in fresh.items())


def _fresh(
    source: ReleasedAnswers, table: pd.DataFrame, stands: Standing, changes: pd.DataFrame | None = None
) -> dict[str, Issue]:
    """Return for every wave that does not stand who is in the groups that are shown."""
    old = list(stands.estimates)
    real = without_synthetic(source.answers, source.instrument.synthetic)
    if changes is not None:
        changes = changes[~changes["earlier"].isin(old) & ~changes["later"].isin(old)]
    found = issues(real, table[~table["synthetic"].astype(bool)], source.instrument, changes)
    return {wave: issue for wave, issue in found.items() if wave not in old}


def _read(text: str) -> pd.DataFrame:
    """Read a table as it was published: a number, a truth or a text, which may be missing."""
    if not text:
        return pd.DataFrame()
    table = plain_table(pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False))
    for name in map(str, table):
        if name in _NUMBERS or (name.startswith(("n", "share", "mean_score", "net_")) and name != "nis_code"):
            table[name] = pd.to_numeric(table[name])
        elif name == "synthetic":
            table[name] = table[name] == "True"
        else:
            table[name] = table[name].astype(object).where(table[name] != "", None)
    return table
