"""Reading who answered: municipality, village, role and background, each matched exactly or listed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from resilience_analysis.foundation.cells import FORMULA_STARTS
from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.survey.exports import Remark, Submissions
from resilience_analysis.survey.headings import CHOICE, FIELD, Match
from resilience_analysis.survey.instrument import FIELDS, NIS_CODE, PSEUDONYM, VILLAGE, Instrument, Question
from resilience_analysis.survey.joined_columns import tick
from resilience_analysis.survey.mapping import ImportMapping
from resilience_analysis.survey.privacy import identifies
from resilience_analysis.survey.wording import fold, heading_words

_NIS_CODE = re.compile(r"\d{5}")
_BETWEEN = re.compile(r"[;,|]\s*|\s+")
_PARTS_OF_A_PLACE = re.compile(r"[-,;:/|()\u2013\u2014]+|(?<=\d)\s+|\s+(?=\d)")
_DECIMALS = re.compile(r"(?<=\d)\.0+\b")
_POSTAL_CODE = re.compile(r"\d{1,4}").fullmatch
_SPECIFIED = re.compile(r"([^:,(\[-]*[^:,(\[\s-])\s*([:,(\[-]+)\s*(.*)", re.DOTALL)
_LONGEST_NAME = 60
_NAMES = {NIS_CODE: "municipality"}
_SEVERAL = "several values where one is asked"
_MISPLACED = "this village does not lie in the municipality of the same row"
_NOBODY = frozenset({"", "-", "n a", "na", "nvt", "n v t", "geen", "none"})


def not_known(name: str) -> str:
    """Return what is said of a value that is none of those of a field.

    Examples
    --------
    >>> not_known("nis_code")
    'is not a known municipality'
    """
    return f"is not a known {_NAMES.get(name, name)}"


@dataclass(frozen=True)
class PeopleReader:
    """Understands the values of respondent fields."""

    instrument: Instrument  # the fields and their values
    # NIS codes by folded name, beside those of the instrument
    municipalities: Mapping[str, str] = field(default_factory=dict)
    closed: bool = False  # whether a NIS code outside the known ones is refused

    def known(self, name: str) -> dict[str, str | None]:
        """Return our value by folded code, id or label, for one field; None for what is none of the choices."""
        question = self.instrument.question(name)
        known: dict[str, str | None] = {
            fold(text): choice.id if choice in question.choices else None
            for choice in question.offered
            for text in (choice.id, choice.code, *choice.texts.every)
        }
        if name == NIS_CODE:
            known |= {**self.municipalities, **{code: code for code in self.municipalities.values()}}
        return known

    def read_people(
        self, submissions: Submissions, matches: Sequence[Match], mapping: ImportMapping
    ) -> tuple[pd.DataFrame, list[Remark]]:
        """Read every respondent field of an export; `UsageError` when a fixed value is none of its field's.

        Returns
        -------
        tuple
            One row per row of `Submissions.cells` and a column per field, pseudonym included, None where there is no
            value; and a remark for every cell that was not understood.
        """
        columns: dict[str, pd.Series] = {}
        remarks: list[Remark] = []
        for name in (*FIELDS, PSEUDONYM):
            cells = _cells_of(name, submissions, matches, self.known(name))
            if name in mapping.fixed:
                columns[name] = pd.Series(self._fixed(name, mapping.fixed[name]), cells.index, dtype=object)
            else:
                columns[name], found = self.read_column(cells, name, mapping.values.get(name, {}))
                remarks += found
        heading = str(_cells_of(VILLAGE, submissions, matches, {}).name)
        misplaced = self.misplaced(columns[NIS_CODE], columns[VILLAGE])
        remarks += [Remark(str(row), _MISPLACED, heading, said) for row, said in columns[VILLAGE][misplaced].items()]
        columns[VILLAGE] = columns[VILLAGE].mask(misplaced, None)
        return pd.DataFrame(columns, dtype=object), remarks

    def _fixed(self, name: str, value: str) -> str:
        found, why = self._read(self.instrument.question(name), value, self.known(name))
        if found is None:
            choices = [choice.id for choice in self.instrument.question(name).choices]
            raise UsageError(f"{value!r}: {why or 'no value'}. Known: {', '.join(choices)}")
        return found

    def read_column(self, cells: pd.Series, name: str, mapped: Mapping[str, str]) -> tuple[pd.Series, list[Remark]]:
        """Read one field of every respondent: values, None where there is none, and remarks, as `read_people` does."""
        known = self.known(name) | {fold(theirs): ours for theirs, ours in mapped.items()}
        question = self.instrument.question(name)
        meaning = {cell: self._read(question, cell.strip().rstrip(";").strip(), known) for cell in set(cells)}
        values = pd.Series([meaning[cell][0] for cell in cells], cells.index, dtype=object)
        strange = cells[[bool(meaning[cell][1]) for cell in cells]]
        remarks = [Remark(str(row), meaning[cell][1], str(cells.name), cell) for row, cell in strange.items()]
        return self._said_by_enough(values, str(cells.name), remarks) if name == VILLAGE else (values, remarks)

    def _said_by_enough(
        self, villages: pd.Series, heading: str, remarks: list[Remark]
    ) -> tuple[pd.Series, list[Remark]]:
        """Leave out the villages on no list that fewer respondents name than are ever shown: it may be free text."""
        least, listed = self.instrument.counting.suppress_below, self.instrument.question(VILLAGE).parents
        folded = villages.map(fold, na_action="ignore")
        kept = villages.isin(list(listed)) | (folded.map(folded.value_counts()) >= least)
        why = f"is not a village of the list, and fewer than {least} respondents name it; left out"
        remarks += [Remark(str(row), why, heading, said) for row, said in villages[~kept].dropna().items()]
        return villages.groupby(folded).transform("first").astype(object).where(kept, None), remarks

    def _read(self, question: Question, text: str, known: Mapping[str, str | None]) -> tuple[str | None, str]:
        """Return the value that a cell means, if any, and why it is not understood, or nothing."""
        if fold(text) in _NOBODY:
            return None, ""
        choice, specified = _specified(text)
        if fold(text) in known or (specified and fold(choice) in known):
            value = known.get(fold(text), known.get(fold(choice)))
            # the printed page asks for a place: "andere: ..."
            return (known.get(fold(specified)) if value is None and specified else value), ""
        places = self._places_in(text) if question.id == NIS_CODE else set()
        if len(places) == 1:
            return places.pop(), ""
        if self._taken_as_it_is(question.id, text):
            return " ".join(text.split()), ""
        several = len(places) > 1 or _all_known(_BETWEEN.split(text), known)
        return None, _SEVERAL if several else not_known(question.id)

    def _places_in(self, text: str) -> set[str]:
        """Return the municipalities in a text of names, villages, codes and postal codes: ``2250 Olen``."""
        known = {name: code for name, code in self.known(NIS_CODE).items() if code}
        villages = {fold(village): code for village, code in self.instrument.question(VILLAGE).parents.items()}
        beside = heading_words().beside_names
        parts = [fold(part) for part in _PARTS_OF_A_PLACE.split(_DECIMALS.sub("", text)) if part.strip()]
        named = [_without_words(part, beside) for part in parts]
        found = {known.get(part) or villages.get(part, "") for part in named if part and not _POSTAL_CODE(part)}
        return found if "" not in found else set()

    def _taken_as_it_is(self, name: str, text: str) -> bool:
        """Return whether a value that is on no list is accepted: a NIS code, a pseudonym, the name of a village."""
        if text.startswith("="):  # a formula that a workbook keeps no outcome of
            return False
        if name == NIS_CODE:
            return not self.closed and _NIS_CODE.fullmatch(text) is not None
        if name == VILLAGE:
            # guarded as a cell, such a name would be another one in every table
            formula = text.startswith(FORMULA_STARTS)
            return len(text) <= _LONGEST_NAME and not formula and not identifies(text)
        return name == PSEUDONYM

    def misplaced(self, municipalities: pd.Series, villages: pd.Series) -> pd.Series:
        """Return whose village does not lie in the municipality that they name, where its villages are known."""
        parents = self.instrument.question(VILLAGE).parents
        complete = municipalities.isin(set(parents.values()))
        return villages.notna() & complete & (villages.map(parents.get) != municipalities)


def _cells_of(
    name: str, submissions: Submissions, matches: Sequence[Match], known: Mapping[str, str | None]
) -> pd.Series:
    """Return the cells of one field, named as the heading above them; blank cells when no column has it.

    In a column of one choice, its own label ticks it too.
    """
    for number, match in enumerate(matches):
        if match.kind == FIELD and match.target == name:
            return submissions.cells[number].rename(match.heading)
    ticked = pd.Series("", submissions.cells.index, dtype=object)
    choices = [n for n, match in enumerate(matches) if (match.kind, match.target) == (CHOICE, name)]
    for number in choices:
        choice = matches[number].choice
        cells = submissions.cells[number]
        ticked += [
            f";{said}" if (said := tick(cell, choice, known.get(fold(cell)) == choice)) else "" for cell in cells
        ]
    return ticked.str.removeprefix(";").rename(matches[choices[0]].heading if choices else name)


def _all_known(parts: Iterable[str], known: Collection[str]) -> bool:
    """Return whether several parts are all known values."""
    folded = {fold(part) for part in parts if part}
    return len(folded) > 1 and all(part in known for part in folded)


def _specified(text: str) -> tuple[str, str]:
    """Return a choice and what is filled in behind it, as in ``other: ...`` and ``other (please specify)``; or nothing.

    Behind a comma, a dash or a bracket it begins with a word such as *namely*: several choices may stand there too.
    """
    found = _SPECIFIED.fullmatch(text)
    if found is None:
        return text, ""
    first, between, rest = found.groups()
    word = next(iter(fold(rest).split()), "")
    return (first, rest) if ":" in between or word in heading_words().specify else (text, "")


def _without_words(text: str, words: Collection[str]) -> str:
    """Return a folded name without the words before it, such as *city of*."""
    before = max((word for word in words if text == word or text.startswith(f"{word} ")), key=len, default="")
    return text.removeprefix(before).strip()
