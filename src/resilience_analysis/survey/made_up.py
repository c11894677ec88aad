"""Made-up answers as texts, for the tools to lay out as they export them."""

from __future__ import annotations

from collections.abc import Mapping

from resilience_analysis.survey.instrument import VILLAGE, Instrument, Item, Question
from resilience_analysis.survey.responses import reason_code
from resilience_analysis.survey.synthetic import Simulated

YES = "ja"
MOMENT = "1980-01-01 00:00:00"
Table = dict[str, list[str]]


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
    """Lay columns out as rows, headings first."""
    return [list(table), *(list(row) for row in zip(*table.values(), strict=True))]
