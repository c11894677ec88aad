"""The self-assessment as read from ``definitions/items.yml``: items, scale, respondent fields, rules of counting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from resilience_analysis.survey.wording import fingerprint, fold

NIS_CODE, VILLAGE, ROLE, BACKGROUND, PSEUDONYM = "nis_code", "village", "role", "background", "pseudonym"
FIELDS = (NIS_CODE, VILLAGE, ROLE, BACKGROUND)
_ANY = ""


@dataclass(frozen=True)
class Wordings:
    """One text in every language, and other ways in which the same is written."""

    # what people read, by language, the first one first; a name that all languages write alike under an empty text
    by_language: Mapping[str, str]
    also: tuple[str, ...] = ()  # other wordings that tools and people use for it

    def __getitem__(self, lang: str) -> str:
        """Return the text in one of the languages of the instrument."""
        return self.by_language.get(lang) or self.by_language[_ANY]

    @property
    def every(self) -> tuple[str, ...]:
        """Every way in which it is written."""
        return (*self.by_language.values(), *self.also)


@dataclass(frozen=True)
class Item:
    """One statement that respondents place themselves on."""

    id: str  # its code, such as `INF1`
    section: str  # the dimension it belongs to, or the village team check
    texts: Wordings
    origin: str  # `seed` when it comes from the deck, `new` when it was written for this project
    verbatim_nl: str = ""  # the deck's own wording; empty for new items
    reverse: bool = False  # whether agreement means less resilience

    @property
    def fingerprint(self) -> str:
        """What identifies the wording in the first language; a change between waves breaks the series."""
        return fingerprint(next(iter(self.texts.by_language.values())))


@dataclass(frozen=True)
class Section:
    """Items that are asked together: one of the six dimensions, or the village team check."""

    id: str
    texts: Wordings
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Anchor:
    """One position of the scale and its label."""

    value: int
    texts: Wordings
    origin: str


@dataclass(frozen=True)
class NoOpinion:
    """An answer that is not a position: don't know, or not applicable."""

    id: str
    code: str  # what it is called in a tool and in a table of numbers, such as `9`
    reason: str  # the missing reason it stands for
    texts: Wordings


@dataclass(frozen=True)
class Numerals:
    """Other ways of writing a number: as a word, after a word (*score 2*), or out of the highest (*2 op 4*)."""

    words: Mapping[str, int] = field(default_factory=dict)
    before: frozenset[str] = frozenset()
    out_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scale:
    """The positions people choose from, and what else they may tick."""

    prompt: Wordings
    anchors: tuple[Anchor, ...]
    no_opinion: tuple[NoOpinion, ...]
    no_answer: tuple[str, ...]
    off_scale: tuple[str, ...]
    hedges: tuple[str, ...] = ()
    numerals: Numerals = field(default_factory=Numerals)

    @property
    def low(self) -> int:
        """The lowest position."""
        return self.anchors[0].value

    @property
    def high(self) -> int:
        """The highest position."""
        return self.anchors[-1].value


@dataclass(frozen=True)
class Choice:
    """One value of a respondent field; `code` is its name in tools that allow five letters only."""

    id: str
    code: str
    texts: Wordings


@dataclass(frozen=True)
class Question:
    """What is asked about the respondent."""

    id: str  # the column of the answers
    code: str  # its name in a tool
    texts: Wordings
    required: bool
    choices: tuple[Choice, ...] = ()  # the values it can have; none where anything may be filled in
    parents: Mapping[str, str] = field(default_factory=dict)  # the municipality of each village
    # what people choose who find themselves in none of the `choices`; it counts as no value
    other: Choice | None = None

    @property
    def offered(self) -> tuple[Choice, ...]:
        """What a questionnaire lets people choose from, the same in each of its kinds."""
        return (*self.choices, *([self.other] if self.other and self.choices else []))


@dataclass(frozen=True)
class Counting:
    """The rules of counting: how a score is made and when it may be shown."""

    min_answered_share: float
    confidence: float
    suppress_below: int
    indicative_below: int
    k_anonymity: int
    quasi_identifiers: tuple[str, ...]
    trim: tuple[float, float]


@dataclass(frozen=True)
class VillageTeam:
    """The check of a village team: who is asked, and how many must answer before anything is shown."""

    section: Section
    prompt: Wordings
    asked_field: str
    asked_value: str
    least_team_size: int


@dataclass(frozen=True)
class Marker:
    """How made-up answers are marked, and how many the generator makes."""

    code: str  # the column in a file that says so
    prefix: str  # the first letters of every respondent's number
    texts: Wordings
    waves: Mapping[str, Mapping[str, int]]  # number of respondents by NIS code, by wave


@dataclass(frozen=True)
class Notice:
    """What people are told before they answer."""

    # who asks, what for, what makes a person known, who sees the answers, that few are never shown, until when they
    # are kept, how to withdraw; with blanks for `{few}` and `{years}`
    parts: tuple[Wordings, ...]
    few: int  # fewer answers than this are never shown
    years: int  # how many years after that of the wave answers are kept

    def lines(self, lang: str) -> list[str]:
        """Return the sentences in one language."""
        return [part[lang].format(few=self.few, years=self.years) for part in self.parts]


@dataclass(frozen=True)
class Instrument:
    """Everything that ``items.yml`` says."""

    title: Wordings
    source: str
    scale: Scale
    counting: Counting
    dimensions: tuple[Section, ...]
    village_team: VillageTeam
    discussion: Section
    questions: tuple[Question, ...]
    synthetic: Marker
    notice: Notice

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in which everything is written; the first is that of the statements as they are compared."""
        return tuple(self.title.by_language)

    @cached_property
    def items(self) -> dict[str, Item]:
        """Every item that is scored or checked, by code, in the order of asking."""
        return {item.id: item for section in self.sections for item in section.items}

    @cached_property
    def coded(self) -> dict[str, str]:
        """Item codes by folded code and by folded wording."""
        return {fold(text): code for code, item in self.items.items() for text in (code, *item.texts.every)}

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The six dimensions and the village team check."""
        return (*self.dimensions, self.village_team.section)

    @cached_property
    def scored(self) -> dict[str, tuple[str, ...]]:
        """Item codes by dimension."""
        return {section.id: tuple(item.id for item in section.items) for section in self.dimensions}

    @cached_property
    def reversed_items(self) -> frozenset[str]:
        """Codes of the items that are turned round in a score."""
        return frozenset(code for code, item in self.items.items() if item.reverse)

    def question(self, name: str) -> Question:
        """Return the question whose `id` is `name`."""
        return next(question for question in self.questions if question.id == name)

    def with_places(self, municipalities: Mapping[str, str], villages: Mapping[str, str]) -> Instrument:
        """Return the same instrument for other municipalities: names by NIS code, and NIS codes by village.

        The code of a village comes from its name alone, so that adding one changes no other.
        """
        offered = {
            NIS_CODE: [Choice(code, code, Wordings({_ANY: name})) for code, name in municipalities.items()],
            VILLAGE: [Choice(name, f"v{fingerprint(name)[:4]}", Wordings({_ANY: name})) for name in villages],
        }
        parents = {NIS_CODE: {}, VILLAGE: dict(villages)}
        questions = (
            replace(asked, choices=tuple(offered[asked.id]), parents=parents[asked.id])
            if asked.id in offered
            else asked
            for asked in self.questions
        )
        return replace(self, questions=tuple(questions))
