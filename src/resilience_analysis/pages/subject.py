"""What the sections of a profile are about: one municipality, its region, its comparator and a language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from resilience_analysis.foundation.texts import Texts
from resilience_analysis.foundation.vocabulary import is_missing
from resilience_analysis.geography.municipalities import find
from resilience_analysis.indicators.framework import Context, Indicator
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.profiles.key_messages import Sentence, key_sentences
from resilience_analysis.profiles.region import alphabetical
from resilience_analysis.profiles.rows import (
    Comparator,
    Facts,
    comparator,
    factor_facts,
    gap_facts,
    indicator_facts,
    region_of,
    role_facts,
)

EVERYBODY = "all"  # the group of all who answered, in ``estimates``

LAST = "subject"  # where `Dataset.kept` has the last subject that was asked for


@dataclass(frozen=True)
class Subject:
    """One municipality in one language."""

    data: Dataset  # what all reports share
    nis_code: str  # the municipality; empty for a regional report
    region: Comparator  # the region it is drawn in
    group: Comparator  # the municipalities it is compared with
    texts: Texts
    village: str = ""  # code of the village that a page is about; empty for other reports

    @property
    def place(self) -> str:
        """Name of the municipality, or of the region where there is none."""
        return str(self.data.names[self.nis_code]) if self.nis_code else self.region_name

    @property
    def group_name(self) -> str:
        """Name of the comparator group in the language."""
        return str(self.texts.pick(self.group.name))

    @property
    def region_name(self) -> str:
        """Name of the region in the language."""
        return str(self.texts.pick(self.region.name))

    @property
    def village_name(self) -> str:
        """Name of the village that a page is about."""
        villages = self.data.villages
        return str(villages.loc[villages["village_code"] == self.village, "name"].iloc[0])

    @cached_property
    def dimensions(self) -> Mapping[str, str]:
        """Short name of every dimension, in order."""
        return {code: self.texts.pick(d.short) for code, d in self.data.framework.dimensions.items()}

    @cached_property
    def factors(self) -> list[Facts]:
        """What there is to say of every dimension and strand: `factor_facts`."""
        return factor_facts(self.data, self.nis_code, self.group)

    @cached_property
    def indicators(self) -> Mapping[str, Facts]:
        """What there is to say of every indicator and context indicator: `indicator_facts`."""
        return indicator_facts(self.data, self.nis_code, self.group)

    @cached_property
    def gaps(self) -> list[Facts]:
        """What is not known: `gap_facts`."""
        return gap_facts(self.data, self.nis_code)

    @cached_property
    def roles(self) -> list[Facts]:
        """What two roles answered to the same statements: `role_facts`."""
        return role_facts(self.data, self.nis_code)

    @cached_property
    def sentences(self) -> list[Sentence]:
        """The key sentences, the most telling first."""
        framework = self.data.framework
        context = {code: self.indicators[code] for code in framework.context}
        return key_sentences(self.factors, self.indicators, context, framework, roles=self.roles)

    @cached_property
    def estimates(self) -> pd.DataFrame:
        """The rows of ``estimates`` about everybody in this municipality, oldest wave first."""
        rows = self.data.estimates_of(self.nis_code)
        return rows if rows.empty else rows[rows["group"] == EVERYBODY].sort_values("wave", kind="stable")

    def is_invented(self, table: str) -> bool:
        """Return whether a table holds invented examples."""
        return table in self.data.tables.synthetic

    def prepare(self) -> None:
        """Work out the facts of all places, of which those of one are looked up."""
        if self.nis_code:
            _ = self.indicators, self.factors, self.gaps, self.estimates, self.data.known

    def label(self, code: str) -> str:
        """Return the wording of an indicator, context indicator or candidate."""
        candidate = self.data.framework.candidates.get(code)
        return str(self.texts.pick(candidate.label if candidate else self.entry(code).label))

    def entry(self, code: str) -> Indicator | Context:
        """Return the definition of an indicator or context indicator."""
        return self.data.framework.entries[code]

    def write(self, code: str, value: Any) -> str:
        """Write a value of an indicator with its unit; a dash for what is missing."""
        if is_missing(value):
            return self.texts("missing_mark")
        entry = self.entry(code)
        return self.texts.value(value, entry.unit, decimals=entry.decimals)

    def write_all(self, code: str, row: Mapping[str, Any]) -> str:
        """Write the value of the median municipality, with that of all inhabitants together where they differ much.

        Much is more than half of the width of the middle half of the municipalities.
        """
        median, together = self.write(code, row["all_median"]), self.write(code, row["all_together"])
        if not abs(row["all_together"] - row["all_median"]) > (row["all_q3"] - row["all_q1"]) / 2:
            return median
        return median if together == median else f"{median} ({self.texts('table.together', value=together)})"

    def margin(self, row: Mapping[Any, Any], code: str = "") -> str:
        """Write the margin of a row, of a score or of an indicator with its unit; empty where it has none."""
        if is_missing(row["low"]):
            return ""
        low, high = (self.write(code, row[end]) if code else self.score(row[end]) for end in ("low", "high"))
        return self.texts("span", low=low, high=high)

    def number(self, value: Any, *, sign: bool = False) -> str:
        """Write a whole number, such as a score; a dash for what is missing."""
        return self.texts("missing_mark") if is_missing(value) else self.texts.number(value, sign=sign)

    score = number

    def reason(self, row: Mapping[str, Any], of: str = "value") -> str:
        """Return in words why a row has no value; empty where it has one."""
        return "" if not is_missing(row[of]) else self.texts(f"reason.{row['missing_reason']}")

    @property
    def questions(self) -> list[str]:
        """Questions of the self-assessment to talk about together."""
        return [item.texts[self.texts.language] for item in self.data.instrument.discussion.items]

    @cached_property
    def members(self) -> Mapping[str, str]:
        """Names of the municipalities of the region by code, in their order."""
        codes = alphabetical(self.data, list(self.region.codes))
        return {code: str(self.data.names[code]) for code in codes}


def subject(dataset: Dataset, wanted: str, *, region: str = "", group: str = "", language: str = "") -> Subject:
    """Find everything that the profile of a municipality (NIS code or name) is about.

    It is drawn in a region it belongs to (its home when empty) and compared with a group or a list of codes (the region
    when empty), in a language of the project (its first when empty).

    Raises
    ------
    UsageError
        When a municipality, region, group or language is not known.
    """
    asked = (wanted, region, group, language)
    before, last = dataset.kept.get(LAST, ((), None))
    # a report asks for the same subject three times: for its page, its figures and what it rests on
    if isinstance(last, Subject) and last.data is dataset and asked == before:
        return last
    nis_code = find(dataset.names, wanted, mergers=dataset.tables.mergers)
    home = region_of(dataset, region, of=nis_code)
    chosen = comparator(dataset, group, of=nis_code) if group else home
    found = Subject(dataset, nis_code, home, chosen, dataset.texts(language))
    dataset.kept[LAST] = (asked, found)
    return found


def region_subject(dataset: Dataset, wanted: str, *, language: str = "") -> Subject:
    """Find everything a regional report is about.

    Raises
    ------
    UsageError
        When the region or language is not known, or the group depends on a municipality.
    """
    region = comparator(dataset, wanted)
    return Subject(dataset, "", region, region, dataset.texts(language))


def village_subject(dataset: Dataset, village: str, *, language: str = "") -> Subject:
    """Find everything that the page of a village is about, by its code or name.

    Raises
    ------
    UsageError
        When there is no such village or language, or several villages have the name.
    """
    villages = dataset.villages.set_index("village_code")
    code = find(villages["name"], village, kind="village")
    about = subject(dataset, str(villages.at[code, "nis_code"]), language=language)
    return replace(about, village=code)
