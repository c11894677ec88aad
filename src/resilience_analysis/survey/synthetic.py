"""Made-up answers, because no open data of this self-assessment exists: who "answered" and what, from a seed.

They show how everything works and say nothing about any municipality. All that is made here is marked: a column in
the file, and the first letters of every respondent once imported. `MadeUpAnswers` gives them as texts, for the tools to
lay out as they export them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import UsageError, unknown
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
Table = dict[str, list[str]]


@dataclass(frozen=True)
class Simulated:
    """Made-up respondents of one wave."""

    wave: str  # its label
    people: pd.DataFrame  # one row per respondent: nis_code, village, role, background, pseudonym, finished
    codes: pd.DataFrame  # the same rows, a column per item: a position, or the code of a missing reason


def simulate(instrument: Instrument, *, wave: str | None = None, seed: int = SEED) -> Simulated:
    """Make up one wave of answers.

    Parameters
    ----------
    instrument
        The items and fields, and how many respondents each municipality has in each wave.
    wave
        One of the waves of the instrument; the last when not given.
    seed
        The same seed gives the same answers; people who come back in the next wave keep their pseudonym.

    Raises
    ------
    UsageError
        When the wave is not known.
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
        self.count = len(simulated.people)
        marker = instrument.synthetic
        self.marker: Table = {marker.texts[self.lang]: [YES] * self.count}
        self.coded_marker: Table = {marker.code: [YES] * self.count}

    def same(self, text: str) -> list[str]:
        """Return one text for every respondent."""
        return [text] * self.count

    @property
    def numbers(self) -> list[str]:
        """The respondents numbered from 1."""
        return [str(number + 1) for number in range(self.count)]

    def field(self, question: Question, *, short: bool = False, ids: bool = False) -> list[str]:
        """Return what the respondents chose: labels, or the short codes, or the ids."""
        shown = {
            choice.id: choice.code
            if short
            else choice.id
            if ids and question.id != VILLAGE
            else choice.texts[self.lang]
            for choice in question.choices
        }
        shown |= {c.id: c.code for c in question.choices} if ids and question.id == VILLAGE else {}
        return [shown.get(value, value) if isinstance(value, str) else "" for value in self.people[question.id]]

    def fields(self) -> Table:
        """Return what the respondents say about themselves, as labels under the questions."""
        return {question.texts[self.lang]: self.field(question) for question in self.instrument.questions}

    def answers(self, item: Item, *, labels: bool = True, numbered: bool = False) -> list[str]:
        """Return the answers to one item: labels, labels after their number, or codes."""
        scale = self.instrument.scale
        shown = {reason_code("empty"): ""}
        for anchor in scale.anchors:
            label = f"{anchor.value} - {anchor.texts[self.lang]}" if numbered else anchor.texts[self.lang]
            shown[anchor.value] = label if labels else str(anchor.value)
        for option in scale.no_opinion:
            shown[reason_code(option.reason)] = option.texts[self.lang] if labels else option.code
        return [shown[code] for code in self.codes[item.id].tolist()]

    @property
    def items(self) -> list[Item]:
        """The items in the order of asking."""
        return list(self.instrument.items.values())

    def prompt(self, item: Item) -> str:
        """Return the question above the statement of an item."""
        team = self.instrument.village_team
        texts = team.prompt if item.section == team.section.id else self.instrument.scale.prompt
        return texts[self.lang]


def rows_of(table: Mapping[str, list[str]]) -> list[list[str]]:
    """Lay columns out as rows, headings first.

    Examples
    --------
    >>> rows_of({"a": ["1", "2"], "b": ["3", "4"]})
    [['a', 'b'], ['1', '3'], ['2', '4']]
    """
    return [list(table), *(list(row) for row in zip(*table.values(), strict=True))]
