"""Reading ``definitions/items.yml``: everything wrong with it comes back in one message."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from resilience_analysis.foundation.errors import Problem, raise_if_any, unknown
from resilience_analysis.foundation.project import definition_at_hand
from resilience_analysis.foundation.settings import SETTINGS_FILE, read_settings
from resilience_analysis.foundation.texts import languages
from resilience_analysis.foundation.vocabulary import MISSING_REASONS
from resilience_analysis.foundation.wordings import DEFAULTS, read_definition
from resilience_analysis.survey.instrument import (
    FIELDS,
    NIS_CODE,
    PSEUDONYM,
    VILLAGE,
    Anchor,
    Choice,
    Counting,
    Instrument,
    Item,
    Marker,
    NoOpinion,
    Notice,
    Numerals,
    Question,
    Scale,
    Section,
    VillageTeam,
    Wordings,
    place_choices,
    village_choices,
)
from resilience_analysis.survey.wording import fold

ITEMS_FILE = "items.yml"
ORIGINS = ("seed", "new")
LONGEST_CODE = 5
NOTICE_PARTS = ("asked_by", "purpose", "identity", "seen_by", "few", "kept", "withdraw")
_BLANK = re.compile(r"\{(\w*)\}")
MOST_EXAMPLES = 10_000
_UNKNOWN = object()


def load_instrument(path: Path | None = None) -> Instrument:
    """Read the instrument.

    Parameters
    ----------
    path
        The YAML file; that of the project around us when not given.

    Raises
    ------
    InputError
        With every fault in the file: a missing text, an unknown origin or reason, a code that is used twice or
        too long for LimeSurvey, anchors that are not consecutive, a share outside 0 to 1.
    """
    path = path or definition_at_hand(ITEMS_FILE)
    own = path.parent != DEFAULTS  # what a project has not worded itself is in the languages of its reports
    return _load(path, () if own else read_settings(definition_at_hand(SETTINGS_FILE)).languages)


@cache
def _load(path: Path, wanted: tuple[str, ...]) -> Instrument:
    content = read_definition(path)
    worded = _languages(content)
    root = _Node(content, path.name, [], [name for name in wanted if name in worded] or worded)
    root.problems += _without_words(root)
    instrument = _instrument(root)
    root.problems += _clashes(instrument, path.name)
    raise_if_any(path.name, root.problems)
    return instrument


def _languages(content: Any) -> tuple[str, ...]:
    """Return the languages that the title is written in: everything else must be in the same."""
    title = content.get("title") if isinstance(content, dict) else None
    found = tuple(str(key) for key in title if key != "also") if isinstance(title, dict) else ()
    return found or languages()[:1]


def _without_words(root: _Node) -> list[Problem]:
    """Name the languages that have no text files for what is around the statements."""
    return [
        Problem(f"{root.where}, title", unknown("language", language, languages()), "Add text files, or leave it out")
        for language in root.languages
        if language not in languages()
    ]


class _Node:
    """A place in the file; hands out typed values and notes what is missing or wrong."""

    def __init__(self, content: Any, where: str, problems: list[Problem], languages: Sequence[str] = ()) -> None:
        self.languages = languages
        self.content = content if isinstance(content, dict) else {}
        self.where = where
        self.problems = problems
        if not isinstance(content, dict):
            self.fault("a mapping of names to values is expected here")

    def fault(self, what: str, remedy: str = "") -> None:
        self.problems.append(Problem(self.where, what, remedy))

    def get(self, key: str, kind: type | tuple[type, ...], default: Any = _UNKNOWN) -> Any:
        value = self.content.get(key, default)
        if value is default and default is not _UNKNOWN:
            return default
        if isinstance(value, kind) and not (isinstance(value, bool) and kind is not bool):
            return value
        wanted = kind.__name__ if isinstance(kind, type) else "number"
        self.fault(f"{key!r} is {'missing' if value is _UNKNOWN else repr(value)}", f"Give it as {wanted}")
        return {str: "", list: [], bool: False, dict: {}}.get(kind if isinstance(kind, type) else float, 0)

    def text(self, key: str, *, among: tuple[str, ...] = ()) -> str:
        value: str = self.get(key, str).strip()
        if among and value not in among:
            self.fault(f"{key!r} is {value!r}", f"Known: {', '.join(among)}")
        return value

    def number(self, key: str, low: float, high: float) -> float:
        value = float(self.get(key, (int, float)))
        if not low <= value <= high:
            self.fault(f"{key!r} is {value:g}", f"It lies between {low:g} and {high:g}")
        return value

    def node(self, key: str) -> _Node:
        return _Node(self.get(key, dict), f"{self.where}, {key}", self.problems, self.languages)

    def nodes(self, key: str) -> Iterator[_Node]:
        for number, content in enumerate(self.get(key, list), start=1):
            name = content.get("id", number) if isinstance(content, dict) else number
            yield _Node(content, f"{self.where}, {key}, {name}", self.problems, self.languages)

    def strings(self, key: str, default: Any = _UNKNOWN) -> tuple[str, ...]:
        return tuple(str(value) for value in self.get(key, list, default))

    def texts(self) -> Wordings:
        return Wordings({lang: self.text(lang) for lang in self.languages}, self.strings("also", []))


def _instrument(root: _Node) -> Instrument:
    return Instrument(
        title=root.node("title").texts(),
        source=root.text("source"),
        scale=_scale(root.node("scale")),
        counting=_counting(root),
        dimensions=tuple(_section(node) for node in root.nodes("dimensions")),
        village_team=_village_team(root.node("village_team")),
        discussion=_section(root.node("discussion"), questions=True),
        questions=_questions(root),
        synthetic=_marker(root.node("synthetic")),
        notice=_notice(root),
    )


def _notice(root: _Node) -> Notice:
    parts = {node.text("id", among=NOTICE_PARTS): node for node in root.nodes("notice")}
    absent = [name for name in NOTICE_PARTS if name not in parts]
    if absent:
        root.fault(f"the notice to respondents lacks {', '.join(absent)}", "People must be told before they answer")
    wordings = {name: node.texts() for name, node in parts.items()}
    for name, said in wordings.items():
        if any(set(_BLANK.findall(text)) - {"few", "years"} for text in said.by_language.values()):
            parts[name].fault("a blank is not one of {few} and {years}")
    few = int(root.node("disclosure").number("suppress_below", 1, 100))
    return Notice(tuple(wordings.values()), few, int(root.node("keeping").number("years", 0, 50)))


def _scale(node: _Node) -> Scale:
    prompt = node.node("prompt")
    anchors = tuple(
        Anchor(int(anchor.number("value", 1, 9)), anchor.texts(), anchor.text("origin", among=ORIGINS))
        for anchor in node.nodes("anchors")
    )
    values = [anchor.value for anchor in anchors]
    if values != list(range(1, len(values) + 1)) or len(values) < 2:  # noqa: PLR2004 - a scale has two ends
        node.fault(f"the anchors have the values {values}", "Number them 1, 2, 3 and so on")
    no_opinion = tuple(
        NoOpinion(n.text("id"), n.text("code"), n.text("reason", among=MISSING_REASONS), n.texts())
        for n in node.nodes("no_opinion")
    )
    return Scale(
        prompt.texts(),
        prompt.text("verbatim_nl"),
        anchors,
        no_opinion,
        node.strings("no_answer"),
        node.strings("off_scale"),
        node.strings("hedges", []),
        _numerals(node.node("numerals")) if "numerals" in node.content else Numerals(),
    )


def _numerals(node: _Node) -> Numerals:
    words = {
        fold(str(word)): number
        for number, named in node.get("words", dict).items()
        if isinstance(number, int) and isinstance(named, list)
        for word in named
    }
    return Numerals(words, frozenset(map(fold, node.strings("before"))), node.strings("out_of"))


def _counting(root: _Node) -> Counting:
    scoring, disclosure = root.node("scoring"), root.node("disclosure")
    weighting = root.node("weighting")
    trim = [float(bound) for bound in weighting.get("trim", list) if isinstance(bound, (int, float))]
    if len(trim) != 2 or not 0 <= trim[0] < 1 < trim[1]:  # noqa: PLR2004 - a lower and an upper bound
        weighting.fault(f"'trim' is {trim}", "Give two bounds with 1 between them")
        trim = [0.0, float("inf")]
    suppress = int(disclosure.number("suppress_below", 1, 100))
    return Counting(
        min_answered_share=scoring.number("min_answered_share", 0, 1),
        confidence=scoring.number("confidence", 0.5, 0.999),
        suppress_below=suppress,
        indicative_below=int(disclosure.number("indicative_below", suppress, 1000)),
        k_anonymity=int(disclosure.number("k_anonymity", 1, 1000)),
        quasi_identifiers=disclosure.strings("quasi_identifiers"),
        trim=(trim[0], trim[1]),
    )


def _section(node: _Node, *, questions: bool = False) -> Section:
    name = node.text("id")
    items = tuple(_item(item, name, free=questions) for item in node.nodes("questions" if questions else "items"))
    return Section(name, node.texts(), items)


def _item(node: _Node, section: str, *, free: bool) -> Item:
    origin = "seed" if free else node.text("origin", among=ORIGINS)
    return Item(
        id=node.text("id"),
        section=section,
        texts=node.texts(),
        origin=origin,
        verbatim_nl=node.text("verbatim_nl") if origin == "seed" and not free else "",
        reverse=node.get("reverse", bool, default=False),
    )


def _village_team(node: _Node) -> VillageTeam:
    asked = node.node("asked_of")
    return VillageTeam(
        section=_section(node),
        prompt=node.node("prompt").texts(),
        asked_field=asked.text("field", among=FIELDS),
        asked_value=asked.text("value"),
        least_team_size=int(node.number("least_team_size", 1, 100)),
    )


def _questions(root: _Node) -> tuple[Question, ...]:
    places = _places(root)
    found = []
    for node in root.nodes("respondent"):
        name = node.text("id", among=(*FIELDS, PSEUDONYM))
        if name in places:
            choices, parents = places[name]
        else:
            choices, parents = _choices(node), {}
        other = _choice(node.node("other")) if "other" in node.content else None
        required = bool(node.get("required", bool))
        found.append(Question(name, node.text("code"), node.texts(), required, choices, parents, other))
    absent = sorted(set(FIELDS) - {question.id for question in found})
    if absent:
        root.fault(f"the respondent fields {', '.join(absent)} are missing")
    return tuple(found)


def _choices(node: _Node) -> tuple[Choice, ...]:
    if isinstance(node.content.get("values"), str):
        return ()
    return tuple(map(_choice, node.nodes("values")))


def _choice(node: _Node) -> Choice:
    return Choice(node.text("id"), node.text("code"), node.texts())


def _places(root: _Node) -> dict[str, tuple[tuple[Choice, ...], dict[str, str]]]:
    names: dict[str, str] = {}
    villages: dict[str, str] = {}
    for node in root.nodes("municipalities"):
        code = node.text("nis_code")
        names[code] = node.text("name")
        villages |= dict.fromkeys(node.strings("villages"), code)
    return {NIS_CODE: place_choices(names), VILLAGE: village_choices(villages)}


def _marker(node: _Node) -> Marker:
    sizes = node.node("waves")
    waves = {
        str(wave): {
            str(code): int(sizes.node(wave).number(code, 0, MOST_EXAMPLES)) for code in sizes.node(wave).content
        }
        for wave in sizes.content
    }
    return Marker(node.text("code"), node.text("prefix"), node.texts(), waves)


def _clashes(instrument: Instrument, where: str) -> list[Problem]:
    names = [item.id for section in (*instrument.sections, instrument.discussion) for item in section.items]
    names += [question.code for question in instrument.questions]
    names += [section.id for section in instrument.sections]
    problems = [Problem(f"{where}, {name}", "this code is used twice") for name in _twice(names)]
    wordings = [fold(text) for item in instrument.items.values() for text in set(item.texts.every)]
    problems += [Problem(where, f"two items have the wording {text!r}") for text in _twice(wordings)]
    for question in instrument.questions:
        codes = [choice.code for choice in question.offered]
        place = f"{where}, respondent, {question.id}"
        problems += [Problem(place, f"the code {code!r} is used twice") for code in _twice(codes)]
        problems += [
            Problem(place, f"the code {code!r} is not {LONGEST_CODE} letters or digits at most")
            for code in codes
            if not code.isalnum() or len(code) > LONGEST_CODE
        ]
    return problems


def _twice(values: list[str]) -> list[str]:
    return sorted(value for value, count in Counter(values).items() if count > 1)
