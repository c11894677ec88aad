"""Reading who answered: municipality, village, role and background, each matched exactly or listed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from resilience_analysis.foundation.cells import FORMULA_STARTS
from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.survey.exports import Remark, Submissions
from resilience_analysis.survey.headings import CHOICE, FIELD, Match
from resilience_analysis.survey.instrument import FIELDS, NIS_CODE, PSEUDONYM, VILLAGE, Instrument, Question
from resilience_analysis.survey.mapping import ImportMapping
from resilience_analysis.survey.privacy import identifies
from resilience_analysis.survey.wording import fold

_NIS_CODE = re.compile(r"\d{5}")
_BETWEEN = re.compile(r"[;,|]\s*|\s+")
_LONGEST_NAME = 60
_NAMES = {NIS_CODE: "municipality"}
_SEVERAL = "several values where one is asked"
_NOBODY = frozenset({"", "-", "n a", "na", "nvt", "n v t", "geen", "none"})
_YES = frozenset(
    {"1", "1 0", "true", "y", "yes", "ja", "j", "oui", "o", "si", "s", "x", "waar", "vrai", "wahr", "verdadero",
     "checked", "selected", "aangevinkt", "coche", "ausgewahlt", "seleccionado"}
)  # fmt: skip
_NOT_TICKED = frozenset(
    {"", "0", "0 0", "false", "n", "no", "nee", "non", "nein", "onwaar", "faux", "falsch", "falso", "unchecked",
     "not selected", "niet aangevinkt", "non coche", "nicht ausgewahlt", "no seleccionado", "n a", "-"}
)  # fmt: skip


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
        rows = submissions.cells.index.tolist()
        columns: dict[str, list[str | None]] = {}
        remarks: list[Remark] = []
        for name in (*FIELDS, PSEUDONYM):
            cells, heading = _cells_of(name, submissions, matches, self.known(name))
            if name in mapping.fixed:
                columns[name] = [self._fixed(name, mapping.fixed[name])] * len(rows)
            else:
                columns[name], found = self.read_column(name, cells, rows, heading, mapping.values.get(name, {}))
                remarks += found
        heading = _cells_of(VILLAGE, submissions, matches, {})[1]
        misplaced = self.misplaced(columns[NIS_CODE], columns[VILLAGE], rows, heading)
        columns[VILLAGE] = [None if n in misplaced else village for n, village in enumerate(columns[VILLAGE])]
        return pd.DataFrame(columns, index=submissions.cells.index, dtype=object), [*remarks, *misplaced.values()]

    def _fixed(self, name: str, value: str) -> str:
        found, why = self._read(self.instrument.question(name), value, self.known(name))
        if found is None:
            choices = [choice.id for choice in self.instrument.question(name).choices]
            raise UsageError(f"{value!r}: {why or 'no value'}. Known: {', '.join(choices)}")
        return found

    def read_column(
        self, name: str, cells: Sequence[str], rows: Sequence[str], heading: str, mapped: Mapping[str, str]
    ) -> tuple[list[str | None], list[Remark]]:
        """Read one field of every respondent: values, None where there is none, and remarks, as `read_people` does."""
        known = self.known(name) | {fold(theirs): ours for theirs, ours in mapped.items()}
        question = self.instrument.question(name)
        meaning = {cell: self._read(question, cell.strip().rstrip(";").strip(), known) for cell in set(cells)}
        strange = {cell: why for cell, (_, why) in meaning.items() if why}
        pairs = zip(rows, cells, strict=True) if strange else ()
        remarks = [Remark(row, strange[cell], heading, cell) for row, cell in pairs if cell in strange]
        values = [meaning[cell][0] for cell in cells]
        if name == VILLAGE:
            return self._said_by_enough(values, rows, heading, remarks)
        return values, remarks

    def _said_by_enough(
        self, villages: list[str | None], rows: Sequence[str], heading: str, remarks: list[Remark]
    ) -> tuple[list[str | None], list[Remark]]:
        """Leave out the villages on no list that fewer respondents name than are ever shown: it may be free text."""
        least = self.instrument.counting.suppress_below
        why = f"is not a village of the list, and fewer than {least} respondents name it; left out"
        named, listed = [village for village in villages if village], self.instrument.question(VILLAGE).parents
        counts, first = Counter(map(fold, named)), {fold(village): village for village in reversed(named)}
        kept = {
            village: first[fold(village)] for village in named if village in listed or counts[fold(village)] >= least
        }
        few = [(row, village) for row, village in zip(rows, villages, strict=True) if village and village not in kept]
        remarks += [Remark(row, why, heading, village) for row, village in few]
        return [kept.get(village or "") for village in villages], remarks

    def _read(self, question: Question, text: str, known: Mapping[str, str | None]) -> tuple[str | None, str]:
        folded = fold(text)
        if folded in _NOBODY:
            return None, ""
        if folded in known:
            return known[folded], ""
        first, between, rest = text.partition(":")
        if between and known.get(fold(first), "") is None:  # as the printed page asks for another place: "andere: ..."
            return known.get(fold(rest)), ""
        if self._taken_as_it_is(question.id, text):
            return " ".join(text.split()), ""
        parts = {fold(part) for part in _BETWEEN.split(text) if part}
        several = len(parts) > 1 and parts <= known.keys()
        return None, _SEVERAL if several else f"is not a known {_NAMES.get(question.id, question.id)}"

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

    def misplaced(
        self, municipalities: Sequence[str | None], villages: Sequence[str | None], rows: Sequence[str], heading: str
    ) -> dict[int, Remark]:
        """Find the villages that do not lie in the municipality of the same respondent, by position.

        A village is only doubted when the villages of that municipality are known.
        """
        parents = self.instrument.question(VILLAGE).parents
        complete = set(parents.values())
        why = "this village does not lie in the municipality of the same row"
        return {
            number: Remark(row, why, heading, village)
            for number, (code, village, row) in enumerate(zip(municipalities, villages, rows, strict=True))
            if village and code in complete and parents.get(village) != code
        }


def _cells_of(
    name: str, submissions: Submissions, matches: Sequence[Match], known: Mapping[str, str | None]
) -> tuple[list[str], str]:
    """Return the cells of one field and the heading above them; blank cells when no column has it.

    In a column of one choice, its own label ticks it too.
    """
    for number, match in enumerate(matches):
        if match.kind == FIELD and match.target == name:
            return submissions.cells[number].tolist(), match.heading
    ticks, headings = [], [name]
    for number, match in enumerate(matches):
        if (match.kind, match.target) == (CHOICE, name):
            cells = submissions.cells[number]
            ticks.append((match.choice, ["1" if known.get(fold(cell)) == match.choice else cell for cell in cells]))
            headings.append(match.heading)
    return combine_choices(ticks, len(submissions.cells)), headings[:2][-1]


def combine_choices(columns: Iterable[tuple[str, Sequence[str]]], length: int) -> list[str]:
    """Join columns of one choice each (0 and 1, yes and no) into one text per respondent: the choices ticked.

    A cell that says neither is joined as it is, so that it is named and not lost.

    Examples
    --------
    >>> combine_choices([("clubs", ["1", "0"]), ("school", ["1", "yes"])], 2)
    ['clubs;school', 'school']
    """
    ticked = [""] * length
    for choice, cells in columns:
        said = {cell: choice if fold(cell) in _YES else cell for cell in set(cells) if fold(cell) not in _NOT_TICKED}
        ticked = [f"{text};{said[cell]}" if cell in said else text for text, cell in zip(ticked, cells, strict=True)]
    return [text.removeprefix(";") for text in ticked]
