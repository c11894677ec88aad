"""Made-up answers, because no open data of this self-assessment exists: who "answered" and what, from a seed.

They show how everything works and say nothing about any municipality. All that is made here is marked: a column in
the file, and the first letters of every respondent once imported. `MadeUpAnswers` gives them as texts, for the tools to
lay out as they export them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from resilience_analysis.foundation.cells import csv_of_rows, write_workbook
from resilience_analysis.foundation.errors import UsageError, unknown
from resilience_analysis.foundation.files import write_bytes
from resilience_analysis.survey.exports import survey_tools
from resilience_analysis.survey.instrument import (
    BACKGROUND,
    NIS_CODE,
    PSEUDONYM,
    ROLE,
    VILLAGE,
    Instrument,
    Item,
    Question,
)
from resilience_analysis.survey.responses import reason_code
from resilience_analysis.survey.scores import HIGH, LOW

SEED = 20211011
EMPTY, DONT_KNOW, NOT_APPLICABLE = (reason_code(reason) for reason in ("empty", "unknown", "not_applicable"))
_ROLES = {"ambtenaar": 0.3, "inwoner": 0.3, "dorpsteamlid": 0.16}
_OPENNESS = {EMPTY: 0.04, DONT_KNOW: 0.04, NOT_APPLICABLE: 0.01}
_UNFINISHED = 0.05
_COMES_BACK = 0.6
_SPREAD = {"place": 0.25, "person": 0.45, "item": 0.3, "answer": 0.7}
_MIDDLE, _OFFICIALS_ABOVE, _LATER_ABOVE = 2.55, 0.25, 0.1
YES = "ja"
MOMENT = "1980-01-01 00:00:00"
LABEL, NUMBERED, CODE = "label", "numbered", "code"
Table = dict[str, list[str]]


@dataclass(frozen=True)
class Simulated:
    """Made-up respondents of one wave."""

    wave: str  # its label
    people: pd.DataFrame  # one row per respondent: nis_code, village, role, background, pseudonym, finished
    codes: pd.DataFrame  # the same rows, a column per item: a position, or the code of a missing reason


def simulate(instrument: Instrument, *, wave: str | None = None, seed: int = SEED) -> Simulated:
    """Make up one wave of answers: of as many respondents in each municipality as the instrument says.

    Parameters
    ----------
    wave
        One of the waves of the instrument; the last when not given. `UsageError` when it is not known.
    seed
        The same seed gives the same answers; people who come back in the next wave keep their pseudonym.

    Examples
    --------
    >>> from resilience_analysis.survey.items import load_instrument
    >>> simulate(load_instrument(), wave="2025").people.columns[:2].tolist()
    ['nis_code', 'village']
    """
    waves = list(instrument.synthetic.waves)
    wave = wave or waves[-1]
    if wave not in waves:
        raise UsageError(unknown("wave", wave, waves))
    number = waves.index(wave)
    parts = [
        _municipality(instrument, code, count, number, seed) for code, count in instrument.synthetic.waves[wave].items()
    ]
    people = pd.concat([people for people, _ in parts], ignore_index=True)
    codes = pd.concat([codes for _, codes in parts], ignore_index=True)
    return Simulated(wave, people, codes)


def _municipality(
    instrument: Instrument, code: str, count: int, wave: int, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make up one municipality: its people first, then their answers in this wave."""
    place = np.random.default_rng([seed, int(code)])
    level = place.normal(_MIDDLE, _SPREAD["place"])
    people = pd.DataFrame([_person(instrument, code, seed, wave, number) for number in range(count)])
    answers = np.random.default_rng([seed, int(code), wave])
    height = level + people.pop("height").to_numpy() + _LATER_ABOVE * wave
    height += np.where(people[ROLE] == "ambtenaar", _OFFICIALS_ABOVE, 0)
    difficulty = np.random.default_rng(seed).normal(0, _SPREAD["item"], len(instrument.items))
    drawn = height[:, None] + difficulty + answers.normal(0, _SPREAD["answer"], (count, len(difficulty)))
    codes = pd.DataFrame(np.clip(np.rint(drawn), LOW, HIGH).astype(int), columns=list(instrument.items))
    return people, _left_open(codes, people, instrument, answers)


def _person(instrument: Instrument, code: str, seed: int, wave: int, number: int) -> dict[str, object]:
    """Make up one person; one who comes back is the same in every wave."""
    returns = np.random.default_rng([seed, int(code), number]).random() < _COMES_BACK
    random = np.random.default_rng([seed, int(code), number, 0 if returns else 1 + wave])
    roles = [choice.id for choice in instrument.question(ROLE).choices]
    chances = np.array([_ROLES.get(role, 0.0) for role in roles])
    chances = np.where(chances > 0, chances, (1 - chances.sum()) / (chances == 0).sum())
    parents = instrument.question(VILLAGE).parents
    villages = [village for village, parent in parents.items() if parent == code]
    backgrounds = [choice.id for choice in instrument.question(BACKGROUND).choices]
    letters = "".join(random.choice(list("abcdefghijklmnoprstuvwz"), 2))
    return {
        NIS_CODE: code,
        VILLAGE: str(random.choice(villages)) if villages else None,
        ROLE: str(random.choice(roles, p=chances)),
        BACKGROUND: str(random.choice(backgrounds)),
        PSEUDONYM: f"{letters}{random.integers(1, 29):02d}{random.integers(1, 200)}",
        "finished": bool(random.random() > _UNFINISHED),
        "height": float(random.normal(0, _SPREAD["person"])),
    }


def _left_open(
    codes: pd.DataFrame, people: pd.DataFrame, instrument: Instrument, random: np.random.Generator
) -> pd.DataFrame:
    """Leave some statements unanswered, end some forms halfway, and ask the village team's of its members only."""
    chances = list(_OPENNESS.values())
    drawn = random.choice([LOW, *_OPENNESS], size=codes.shape, p=[1 - sum(chances), *chances])
    opened = pd.DataFrame(np.where(drawn == LOW, codes, drawn), columns=codes.columns)
    half = opened.columns[len(opened.columns) // 2 :]
    opened.loc[~people["finished"], half] = EMPTY
    team = instrument.village_team
    questions = [item.id for item in team.section.items]
    opened.loc[people[team.asked_field] != team.asked_value, questions] = EMPTY
    return opened


class MadeUpAnswers:
    """Made-up answers as texts: labels or codes, per question and item, in one language."""

    def __init__(self, simulated: Simulated, instrument: Instrument, lang: str = "") -> None:
        self.instrument = instrument
        self.lang = lang or instrument.languages[0]
        self.people = simulated.people
        self.codes = simulated.codes
        self.items = list(instrument.items.values())  # in the order of asking
        self.numbers = [str(number + 1) for number in range(len(self.people))]  # the respondents, from 1
        marker, said = instrument.synthetic, [YES] * len(self.people)
        self.marker: Table = {marker.texts[self.lang]: said}
        self.coded_marker: Table = {marker.code: said}

    def field(self, question: Question, *, ids: bool = False) -> list[str]:
        """Return what the respondents chose: labels, or ids (of a village its code)."""
        texts = {choice.id: choice.texts[self.lang] for choice in question.choices}
        if ids:
            texts = {choice.id: choice.code if question.id == VILLAGE else choice.id for choice in question.choices}
        return [texts.get(value, value) if isinstance(value, str) else "" for value in self.people[question.id]]

    def answers(self, item: Item, *, says: str = LABEL) -> list[str]:
        """Return the answers to one item: `LABEL`, `NUMBERED` (a label after its number) or `CODE`."""
        scale, lang = self.instrument.scale, self.lang
        shown = {EMPTY: ""}
        for anchor in scale.anchors:
            texts = {LABEL: anchor.texts[lang], CODE: str(anchor.value)}
            shown[anchor.value] = texts.get(says, f"{anchor.value} - {anchor.texts[lang]}")
        for option in scale.no_opinion:
            shown[reason_code(option.reason)] = option.code if says == CODE else option.texts[lang]
        return [shown[code] for code in self.codes[item.id].tolist()]

    def prompt(self, item: Item) -> str:
        """Return the question above the statement of an item."""
        team = self.instrument.village_team
        texts = team.prompt if item.section == team.section.id else self.instrument.scale.prompt
        return texts[self.lang]


@dataclass(frozen=True)
class Example:
    """How a tool lays answers out below one row of headings, from templates of its headings and cells."""

    # cells of its own columns before the answers, with the blanks `number` and `lang`; a pair is of those who finished
    # and those who did not
    own: Mapping[str, str | tuple[str, str]]
    question: str = "{text}"  # heading of a question about the respondent; blanks `text`, `code` and `number`
    item: str = "{text}"  # of a statement; blanks `text`, `id`, `name`, `section`, `prompt`, `number`, `matrix`
    says: str = LABEL  # how answers are written, see `MadeUpAnswers.answers`
    ids: bool = False  # whether choices are ids
    coded: bool = False  # whether the column that marks made-up answers is a code
    behind: Mapping[str, str | tuple[str, str]] = field(default_factory=dict)  # as `own`, after the answers

    def __call__(self, made: MadeUpAnswers) -> list[list[str]]:
        """Return the rows, headings first."""
        table = self._columns(self.own, made)
        for number, question in enumerate(made.instrument.questions, start=1):
            heading = self.question.format(text=question.texts[made.lang], code=question.code, number=number)
            table[heading] = made.field(question, ids=self.ids)
        matrix = len(made.instrument.questions) + 1
        for number, item in enumerate(made.items, start=1):
            blanks = {"text": item.texts[made.lang], "id": item.id, "name": item.id.lower(), "section": item.section}
            heading = self.item.format(**blanks, prompt=made.prompt(item), number=number, matrix=matrix)
            table[heading] = made.answers(item, says=self.says)
        table |= made.coded_marker if self.coded else made.marker
        return rows_of(table | self._columns(self.behind, made))

    def _columns(self, cells: Mapping[str, str | tuple[str, str]], made: MadeUpAnswers) -> Table:
        pairs = {heading: (cell, cell) if isinstance(cell, str) else cell for heading, cell in cells.items()}
        ended = list(zip(made.numbers, made.people["finished"], strict=True))
        return {
            heading: [pair[not end].format(number=n, lang=made.lang) for n, end in ended]
            for heading, pair in pairs.items()
        }


def rows_of(table: Mapping[str, list[str]]) -> list[list[str]]:
    """Lay columns out as rows, headings first.

    Examples
    --------
    >>> rows_of({"a": ["1", "2"], "b": ["3", "4"]})
    [['a', 'b'], ['1', '3'], ['2', '4']]
    """
    return [list(table), *(list(row) for row in zip(*table.values(), strict=True))]


def write_example(path: Path, tool: str, simulated: Simulated, instrument: Instrument, *, lang: str = "") -> None:
    """Write made-up answers as one tool exports them, in the first language of the instrument unless one is named.

    `UsageError` when the tool or language is not known, or the tool does not export such a file: Microsoft Forms and
    Mentimeter know only ``.xlsx``.

    Examples
    --------
    >>> import tempfile
    >>> from resilience_analysis.survey.items import load_instrument
    >>> file = Path(tempfile.mkdtemp()) / "example.csv"
    >>> write_example(file, "redcap", simulate(load_instrument()), load_instrument())
    >>> file.read_text(encoding="utf-8-sig")[:9]
    'record_id'
    """
    tools = survey_tools()
    if lang and lang not in instrument.languages:
        raise UsageError(unknown("language", lang, instrument.languages))
    if tool not in tools:
        raise UsageError(unknown("tool", tool, tools))
    suffix, meant = path.suffix.casefold(), tools[tool]
    if suffix not in meant.file_types:
        raise UsageError(f"{path.name}: {tool} exports {' or '.join(meant.file_types)}. Change the name")
    rows = meant.example(MadeUpAnswers(simulated, instrument, lang))
    if suffix == ".xlsx":
        write_workbook(path, {meant.sheet: pd.DataFrame(rows)}, headings=False)
    else:
        text = csv_of_rows(rows, delimiter=meant.delimiter, line_end="\r\n")
        write_bytes(path, text.encode("utf-8-sig"))
