"""Reading ``definitions/items.yml``: everything wrong with it comes back in one message."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from resilience_analysis.foundation.definitions import (
    COUNT,
    FLAG,
    PLAIN,
    SHARE,
    TEXT,
    Either,
    Field,
    Form,
    Listing,
    Named,
    OneOf,
    Record,
    Value,
    between,
    is_ascending,
    needing,
)
from resilience_analysis.foundation.errors import Problem, raise_if_any, unknown
from resilience_analysis.foundation.project import definition_at_hand
from resilience_analysis.foundation.settings import CODE, DEFAULTS, SETTINGS_FILE, read_definition, read_settings
from resilience_analysis.foundation.tables import read_rows
from resilience_analysis.foundation.texts import languages
from resilience_analysis.foundation.vocabulary import MISSING_REASONS
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
)
from resilience_analysis.survey.wording import fold

ITEMS_FILE = "items.yml"
ORIGINS = ("seed", "new")
LONGEST_CODE = 5
NOTICE_PARTS = ("asked_by", "purpose", "identity", "seen_by", "few", "kept", "withdraw")
_BLANK = re.compile(r"\{(\w*)\}")
MOST_EXAMPLES = 10_000
_MANY = 1000
_WORDS = Listing(PLAIN)
_TRIM = Value(
    lambda value: is_ascending(value) and 0 <= value[0] < 1 < value[1],
    "two bounds with 1 between them",
    {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
)
_RULES: dict[str, Form] = {
    "scoring": Record(needing(min_answered_share=SHARE, confidence=between(0.5, 0.999))),
    "disclosure": Record(
        needing(
            suppress_below=between(1, 100, whole=True),
            indicative_below=between(1, _MANY, whole=True),
            k_anonymity=between(1, _MANY, whole=True),
            quasi_identifiers=_WORDS,
        )
    ),
    "weighting": Record(needing(trim=_TRIM)),
    "keeping": Record(needing(years=between(0, 50, whole=True))),
}
Entry = Mapping[str, Any]
Texts = Callable[[Entry], Wordings]


def load_instrument(path: Path | None = None) -> Instrument:
    """Read the instrument from its YAML file; from that of the project around us when none is given.

    `InputError` with every fault in the file: a missing text, an unknown origin or reason, a code that is used twice or
    too long for LimeSurvey, anchors that are not consecutive, a share outside 0 to 1.

    Examples
    --------
    >>> load_instrument().scale.high
    4
    """
    path = path or definition_at_hand(ITEMS_FILE)
    own = path.parent != DEFAULTS  # what a project has not worded itself is in the languages of its reports
    return _load(path, () if own else read_settings(definition_at_hand(SETTINGS_FILE)).languages)


_WAVES = Named(Named(between(0, MOST_EXAMPLES, whole=True), key=PLAIN), key=PLAIN)
_ORIGIN = OneOf("origin", lambda: ORIGINS)
_ELSEWHERE = ("municipalities", "villages", "text")
_SHORT = Value(
    lambda value: isinstance(value, str) and value.isalnum() and len(value) <= LONGEST_CODE,
    f"{LONGEST_CODE} letters or digits at most",
    {"type": "string", "pattern": f"^[A-Za-z0-9]{{1,{LONGEST_CODE}}}$"},
)


@cache
def _load(path: Path, wanted: tuple[str, ...]) -> Instrument:
    content = read_definition(path)
    worded = _languages(content)
    chosen = [name for name in wanted if name in worded] or worded
    problems = items_form(worded, chosen).problems(path.name, content)
    problems += [
        Problem(f"{path.name}, title", unknown("language", language, languages()), "Add text files, or leave it out")
        for language in chosen
        if language not in languages()
    ]
    raise_if_any(path.name, problems)
    instrument = _instrument(content, lambda entry: _texts(entry, chosen))
    raise_if_any(path.name, _clashes(instrument, path.name))
    return instrument


def _languages(content: Any) -> tuple[str, ...]:
    """Return the languages that the title is written in: everything else must be in the same."""
    title = content.get("title") if isinstance(content, dict) else None
    found = tuple(str(key) for key in title if key != "also") if isinstance(title, dict) else ()
    return found or languages()[:1]


def items_form(known: Iterable[str], required: Iterable[str] = ()) -> Record:
    """Return the form of ``items.yml``, with texts in the languages `known`, each text at least in those `required`.

    Examples
    --------
    >>> [problem.what for problem in items_form(["nl"]).problems("items.yml", {"title": "x"})][0]
    'must be a mapping of fields: nl, en, fr, also'
    """
    words = {name: Field(TEXT, required=name in set(required)) for name in dict.fromkeys([*known, *languages()])}
    words |= {"also": Field(_WORDS, says="other ways in which tools and people write the same")}

    item = words | needing(id=TEXT, origin=_ORIGIN) | {"verbatim_nl": Field(TEXT), "reverse": Field(FLAG)}
    section = words | needing(id=TEXT, items=Listing(Record(item, _copied), by="id"))
    asked_of = Record(needing(field=OneOf("field", lambda: FIELDS), value=TEXT))
    team = needing(prompt=Record(words), asked_of=asked_of, least_team_size=between(1, 100, whole=True))
    talk = words | needing(id=TEXT, questions=Listing(Record(words | needing(id=TEXT)), by="id"))
    told = Record(words | needing(id=OneOf("part of the notice", lambda: NOTICE_PARTS)), _blanks)
    parts = needing(
        title=Record(words),
        source=TEXT,
        scale=_scale_form(words),
        dimensions=Listing(Record(section), by="id"),
        village_team=Record(section | team),
        discussion=Record(talk),
        notice=Listing(told, by="id", every=NOTICE_PARTS),
        respondent=_respondent_form(words),
        municipalities=Listing(Record(needing(nis_code=CODE, name=TEXT, villages=_WORDS)), by="nis_code"),
        synthetic=Record(words | needing(code=TEXT, prefix=TEXT, waves=_WAVES)),
        **_RULES,
    )
    return Record({"schema_version": Field(COUNT)} | parts, _in_order)


def _scale_form(words: Mapping[str, Field]) -> Record:
    anchor = Record({**words, **needing(value=between(1, 9, whole=True), origin=_ORIGIN)})
    reason = OneOf("reason", lambda: MISSING_REASONS)
    no_opinion = Record({**words, **needing(id=TEXT, code=TEXT, reason=reason)})
    numerals = Record(needing(words=Named(_WORDS, key=PLAIN), before=_WORDS, out_of=_WORDS))
    fields = needing(
        prompt=Record({**words, **needing(verbatim_nl=TEXT)}),
        anchors=Listing(anchor, 2),
        no_opinion=Listing(no_opinion, by="id"),
        no_answer=_WORDS,
        off_scale=_WORDS,
    )
    return Record(fields | {"hedges": Field(_WORDS), "numerals": Field(numerals)}, _numbered)


def _respondent_form(words: Mapping[str, Field]) -> Form:
    choice = Record({**words, **needing(id=TEXT, code=_SHORT)})
    values = Either((OneOf("list", lambda: _ELSEWHERE), Listing(choice, by="id")), "choices, or a list of places")
    known = OneOf("field", lambda: (*FIELDS, PSEUDONYM))
    fields = needing(id=known, code=TEXT, required=FLAG, values=values)
    return Listing(Record({**words, **fields, "other": Field(choice)}), by="id", every=FIELDS)


def _copied(where: str, item: Entry) -> list[Problem]:
    """Return the fault of an item from the deck without its words."""
    absent = item["origin"] == "seed" and not item.get("verbatim_nl")
    return [Problem(where, "verbatim_nl is missing", "An item of the deck keeps its words")] if absent else []


def _numbered(where: str, scale: Entry) -> list[Problem]:
    values = [anchor["value"] for anchor in scale["anchors"]]
    fine = values == list(range(1, len(values) + 1))
    return [] if fine else [Problem(where, f"the anchors have the values {values}", "Number them 1, 2, 3 and so on")]


def _in_order(where: str, content: Entry) -> list[Problem]:
    rules = content["disclosure"]
    least, most = rules["suppress_below"], rules["indicative_below"]
    fault = Problem(f"{where}, disclosure", f"indicative_below {most} is below suppress_below {least}")
    return [fault] if most < least else []


def _blanks(where: str, part: Entry) -> list[Problem]:
    strange = any(set(_BLANK.findall(str(text))) - {"few", "years"} for text in part.values())
    return [Problem(where, "a blank is not one of {few} and {years}")] if strange else []


def _texts(entry: Entry, chosen: Iterable[str]) -> Wordings:
    return Wordings({language: entry[language].strip() for language in chosen}, _strings(entry, "also"))


def _strings(entry: Entry, key: str) -> tuple[str, ...]:
    return tuple(map(str, entry.get(key) or ()))


def _instrument(content: Entry, texts: Texts) -> Instrument:
    team, talk, marker, rules = (content[part] for part in ("village_team", "discussion", "synthetic", "disclosure"))
    counting = {**content["scoring"], **rules, "trim": tuple(content["weighting"]["trim"])}
    waves = {str(wave): {str(code): n for code, n in sizes.items()} for wave, sizes in marker["waves"].items()}
    places, asked = content["municipalities"], team["asked_of"]
    return Instrument(
        title=texts(content["title"]),
        source=content["source"].strip(),
        scale=_scale(content["scale"], texts),
        counting=Counting(**counting | {"quasi_identifiers": _strings(rules, "quasi_identifiers")}),
        dimensions=tuple(_section(entry, texts) for entry in content["dimensions"]),
        village_team=VillageTeam(
            _section(team, texts), texts(team["prompt"]), asked["field"], asked["value"], team["least_team_size"]
        ),
        discussion=_section(talk | {"items": talk["questions"]}, texts),
        questions=tuple(_question(entry, texts) for entry in content["respondent"]),
        synthetic=Marker(marker["code"], marker["prefix"], texts(marker), waves),
        notice=Notice(tuple(map(texts, content["notice"])), rules["suppress_below"], content["keeping"]["years"]),
    ).with_places(
        {place["nis_code"]: place["name"] for place in places},
        {village: place["nis_code"] for place in places for village in _strings(place, "villages")},
    )


def _scale(scale: Entry, texts: Texts) -> Scale:
    numerals = scale.get("numerals") or {"words": {}}
    words = {fold(str(word)): int(number) for number, named in numerals["words"].items() for word in named}
    return Scale(
        texts(scale["prompt"]),
        tuple(Anchor(entry["value"], texts(entry), entry["origin"]) for entry in scale["anchors"]),
        tuple(NoOpinion(one["id"], one["code"], one["reason"], texts(one)) for one in scale["no_opinion"]),
        _strings(scale, "no_answer"),
        _strings(scale, "off_scale"),
        _strings(scale, "hedges"),
        Numerals(words, frozenset(map(fold, _strings(numerals, "before"))), _strings(numerals, "out_of")),
    )


def _section(entry: Entry, texts: Texts) -> Section:
    items = tuple(
        Item(
            id=item["id"],
            section=entry["id"],
            texts=texts(item),
            origin=item.get("origin", "seed"),
            verbatim_nl=item.get("verbatim_nl", "").strip() if item.get("origin") == "seed" else "",
            reverse=bool(item.get("reverse")),
        )
        for item in entry["items"]
    )
    return Section(entry["id"], texts(entry), items)


def _question(entry: Entry, texts: Texts) -> Question:
    def choice(one: Entry) -> Choice:
        return Choice(one["id"], one["code"], texts(one))

    listed = entry["values"] if isinstance(entry["values"], list) else ()
    other = choice(entry["other"]) if entry.get("other") else None
    about = (entry["id"], entry["code"], texts(entry), entry["required"])
    return Question(*about, tuple(map(choice, listed)), other=other)


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
    return problems


def _twice(values: list[str]) -> list[str]:
    return sorted(value for value, count in Counter(values).items() if count > 1)


def read_other_places(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    r"""Read other places: a table with columns nis_code, name and, where there are any, village.

    Returns names by NIS code, and NIS codes by village, for `Instrument.with_places`. `InputError` when a column is
    missing, a code is not five digits, or two municipalities have a village of one name.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "places.csv"
    >>> _ = file.write_text("nis_code,name,village\n11002,Antwerpen,Ekeren\n")
    >>> read_other_places(file)
    ({'11002': 'Antwerpen'}, {'Ekeren': '11002'})
    """
    table = read_rows(path, columns=(NIS_CODE, "name"), other_names={VILLAGE: ()})
    villages: dict[str, str] = {}
    problems = []
    for row, code, name, village in table.reindex(columns=[NIS_CODE, "name", VILLAGE], fill_value="").itertuples():
        where = f"{path.name}, row {row}"
        if not re.fullmatch(r"\d{5}", code):
            problems.append(Problem(where, f"{code!r} is not a NIS code of five digits"))
        if village and villages.setdefault(village, code) != code:
            problems.append(Problem(where, f"{village!r} lies in {villages[village]} too", f"Write {village} ({name})"))
    raise_if_any(path.name, problems)
    return dict(zip(table[NIS_CODE], table["name"], strict=True)), villages
