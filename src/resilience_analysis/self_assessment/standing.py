"""What was published of a wave stands, while answers that came or went since would tell of few people.

A second release that differs from the first by one respondent gives that respondent's answers away. Then less is
published of all municipalities together, and what was hidden stays so, where that is enough, as it is for a
municipality that comes later; else the first is published again, from the record of releases.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from resilience_analysis.foundation.cells import csv_text, plain_table
from resilience_analysis.foundation.errors import InputError, Problem
from resilience_analysis.survey.estimates import estimates
from resilience_analysis.survey.instrument import NIS_CODE, Instrument
from resilience_analysis.survey.issues import issues
from resilience_analysis.survey.memory import record_of, remedy, remember, tables_of, told_beside
from resilience_analysis.survey.publishing import SUPPRESSED, judged, of_few, published
from resilience_analysis.survey.releases import Issue
from resilience_analysis.survey.responses import check_survey_table, without_synthetic
from resilience_analysis.survey.wave import EVERYBODY

ESTIMATES, CHANGES = "estimates", "changes"
_NUMBERS = ("change", "low", "high")
_KEYS = [NIS_CODE, "group", "code"]
_ORDER = [NIS_CODE, "wave", "group"]


@dataclass(frozen=True)
class Standing:
    """What stands of earlier releases."""

    estimates: Mapping[str, pd.DataFrame] = field(default_factory=dict)  # rows of ``estimates`` by wave that stands
    changes: Mapping[str, pd.DataFrame] = field(default_factory=dict)  # rows of the changes up to each of these waves
    notes: tuple[str, ...] = ()  # what to tell who made the release: which wave stands, and when that ends
    # rows of ``estimates`` by wave that is published anew, with more hidden than by itself
    held: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def over(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return estimates with what stands or is held back instead of their own rows."""
        instead = {**self.estimates, **self.held}
        rows = [table[~table["wave"].isin(list(instead))], *instead.values()]
        return pd.concat(rows, ignore_index=True).sort_values(_ORDER, kind="stable", ignore_index=True)


@dataclass(frozen=True)
class ReleasedAnswers:
    """Answers that are released.

    Examples
    --------
    >>> import tempfile
    >>> from resilience_analysis.survey.items import load_instrument
    >>> about = {"wave": "2026", "nis_code": "13011", "village": None, "role": None, "background": None}
    >>> rows = [about | {"respondent": f"r{n}", "item": "INF1", "answer": 1.0 + n % 4} for n in range(12)]
    >>> answers = pd.DataFrame(rows).assign(missing_reason=None)
    >>> source = ReleasedAnswers(Path(tempfile.mkdtemp()), answers, load_instrument())
    >>> table, changes = estimates(answers, source.instrument), pd.DataFrame(columns=["earlier", "later", "method"])
    >>> source.standing(table).notes  # nothing was released before
    ()
    >>> source.tells_who_is_followed(table, changes, Standing())
    False
    >>> source.remember(table, changes, Standing())
    >>> source.standing(table).notes  # the same again
    ()
    """

    place: Path  # their folder
    answers: pd.DataFrame  # schema ``answers``
    instrument: Instrument  # what was asked

    @property
    def least(self) -> int:
        """Fewest people of whom a release may tell."""
        return self.instrument.counting.suppress_below

    def standing(self, table: pd.DataFrame) -> Standing:
        """Compare estimates of real people's answers with what was released before, and return what stands.

        Parameters
        ----------
        table
            Schema ``estimates``, of the same answers.

        Raises
        ------
        InputError
            When a release would tell of few people, and there is no earlier one to stand instead.
        """
        found: dict[str, pd.DataFrame] = {}
        changes: dict[str, pd.DataFrame] = {}
        held: dict[str, pd.DataFrame] = {}
        notes = []
        for wave, issue in self._fresh(table, Standing()).items():
            record = record_of(self.place, wave)
            why = told_beside(record, issue, least=self.least)
            if not why:
                continue
            before = tables_of(record)
            if ESTIMATES not in before:
                raise InputError("release", [Problem(f"wave {wave}", why, remedy(record, self.least))])
            old = check_survey_table(_read(before[ESTIMATES]), "estimates")
            less = self._less(table[table["wave"] == wave], old, record)
            if less is not None:
                held[wave] = less
                notes.append(
                    f"wave {wave} is published anew with less of all municipalities together: with that, {why}"
                )
                continue
            found[wave] = old
            changes[wave] = _read(before.get(CHANGES, ""))
            notes.append(f"wave {wave} stands as it was released: {why}. {remedy(record, self.least)}")
        return Standing(found, changes, tuple(notes), held)

    def _less(self, table: pd.DataFrame, before: pd.DataFrame, record: Path) -> pd.DataFrame | None:
        """Return the rows of a wave with as much hidden as is needed beside what was released before; None if all is.

        Hidden is what was, and of all municipalities together the groups, or everything.
        """
        hidden = set(before.loc[before["status"] == SUPPRESSED, _KEYS].fillna("").itertuples(index=False, name=None))
        was = np.array([key in hidden for key in table[_KEYS].fillna("").itertuples(index=False, name=None)])
        region = table[NIS_CODE].isna().to_numpy()
        # how many were asked about the village team tells how many have that role
        team = {item.id for item in self.instrument.village_team.section.items}
        groups = (table["group"] != EVERYBODY) | table["code"].isin(team)
        own = self.answers[self.answers["wave"].isin(table["wave"])]
        whole = table[_KEYS].merge(estimates(own, self.instrument, internal=True), on=_KEYS, how="left", validate="1:1")
        for more in (region & groups.to_numpy(), region):
            held = _withheld(self.instrument, table, whole, was | more)
            fresh = self._fresh(held, Standing())
            if not any(told_beside(record, issue, least=self.least) for issue in fresh.values()):
                return held
        return None

    def remember(self, table: pd.DataFrame, changes: pd.DataFrame, stands: Standing) -> None:
        """Write down what is released of every wave of real people's answers that does not stand.

        `changes` has the waves as earlier and later. `InputError` when something would tell of few people beside
        what was released before.
        """
        for wave, issue in self._fresh(table, stands, changes).items():
            tables = {
                ESTIMATES: csv_text(table[table["wave"] == wave]),
                CHANGES: csv_text(changes[changes["later"] == wave]),
            }
            remember(record_of(self.place, wave), issue, least=self.least, tables=tables)

    def tells_who_is_followed(self, table: pd.DataFrame, changes: pd.DataFrame, stands: Standing) -> bool:
        """Return whether changes of people who are followed would tell of few, beside what was released before."""
        fresh = self._fresh(table, stands, changes)
        return any(told_beside(record_of(self.place, wave), issue, least=self.least) for wave, issue in fresh.items())

    def _fresh(self, table: pd.DataFrame, stands: Standing, changes: pd.DataFrame | None = None) -> dict[str, Issue]:
        """Return for every wave that does not stand who is in the groups that are shown."""
        old = list(stands.estimates)
        real = without_synthetic(self.answers, self.instrument.synthetic)
        if changes is not None:
            changes = changes[~changes["earlier"].isin(old) & ~changes["later"].isin(old)]
        found = issues(real, table[~table["synthetic"].astype(bool)], self.instrument, changes)
        return {wave: issue for wave, issue in found.items() if wave not in old and wave in set(table["wave"])}


def _withheld(instrument: Instrument, table: pd.DataFrame, whole: pd.DataFrame, more: np.ndarray) -> pd.DataFrame:
    """Return the estimates of a wave with more rows hidden, and why each is: that depends on what else is hidden."""
    hidden = more | (table["status"] == SUPPRESSED).to_numpy()
    why = judged(whole, hidden, of_few(whole, hidden, instrument), instrument.counting)
    columns = ["status", "hidden_because"]
    return published(table.assign(**{name: why[name].to_numpy() for name in columns}))


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
