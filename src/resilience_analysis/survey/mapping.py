"""The mapping file: what a person says about an export that is not made from our questionnaire.

An example, each part of which may be left out::

    tool: limesurvey
    columns:                       # ours: theirs, a heading as in the file, the code in it, or the letter of the column
      INF1: likert2[progRSE4]
      INF2: column F
      nis_code: socio1
    answers:                       # theirs: ours, for the items under columns; for every item where there are none
      Strongly Agree: 4
      Neither agree or disagree: out_of_scale
      -99: unknown
    answers_of:                    # the same for some items, instead of `answers`
      INF2: {Always: 4, Never: 1}
      INF3, INF4: {Yes: 4, No: 1}
    values:                        # theirs: ours, for a respondent field
      nis_code: {Netherlands: "13011"}
    fixed: {role: ambtenaar}       # for every respondent
    out_of_scale: [INF3]           # items that are left out, and listed
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from resilience_analysis.foundation.definitions import (
    TEXT,
    Field,
    Form,
    Listing,
    Named,
    OneOf,
    Record,
    check_definitions,
)
from resilience_analysis.foundation.files import read_yaml_as_text
from resilience_analysis.survey.instrument import FIELDS, PSEUDONYM, Instrument
from resilience_analysis.survey.labels import OFF_SCALE
from resilience_analysis.survey.responses import reason_code

OUT_OF_SCALE = "out_of_scale"
REASONS_OF_A_MAPPING = ("empty", "unknown", "not_applicable")
_PARTS = ("tool", "columns", "answers", "answers_of", "values", "fixed", OUT_OF_SCALE)
_SEVERAL = re.compile(r"[\s,]+")


@dataclass(frozen=True)
class ImportMapping:
    """What a mapping file says."""

    tool: str = ""  # the tool that made the export; empty to recognise it
    # heading (or the code in it) by item or respondent field
    columns: Mapping[str, str] = field(default_factory=dict)
    # what an answer means, by label, for every item in `columns` (every item where it names none): a position, the
    # code of a missing reason, or `OFF_SCALE`
    answers: Mapping[str, int] = field(default_factory=dict)
    # the same by item, instead of `answers`
    answers_of: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # our value by theirs, by respondent field
    fixed: Mapping[str, str] = field(default_factory=dict)  # one value for every respondent, by respondent field
    out_of_scale: frozenset[str] = frozenset()  # items that are left out

    def meanings(self, item: str) -> Mapping[str, int]:
        """Return what the answers to one item mean; empty when the mapping says nothing about it."""
        named = set(self.columns) - {*FIELDS, PSEUDONYM}
        general = self.answers if item in named or not named else {}
        return self.answers_of.get(item, general)


def read_mapping(path: Path, instrument: Instrument) -> ImportMapping:
    """Read a mapping file; names and answers are taken as they are written, ``Yes`` and ``1.0`` too.

    Raises
    ------
    InputError
        With every fault: an unknown field or item, or an answer that is not a position, not a missing reason and not
        ``out_of_scale``.
    """
    content = _item_by_item(read_yaml_as_text(path))
    check_definitions(path.name, content, mapping_form(instrument))
    parts: dict[str, Any] = {part: content.get(part) or {} for part in _PARTS}
    return ImportMapping(
        tool=parts["tool"] or "",
        columns=parts["columns"],
        answers=_meant(parts["answers"], instrument),
        answers_of={item: _meant(meanings, instrument) for item, meanings in parts["answers_of"].items()},
        values=parts["values"],
        fixed=parts["fixed"],
        out_of_scale=frozenset(parts[OUT_OF_SCALE]),
    )


def _item_by_item(content: Any) -> Any:
    """Leave out parts without content, and write what is said of several items at once under each."""
    if not isinstance(content, dict):
        return content
    filled = {part: said for part, said in content.items() if said is not None and said != ""}
    of = filled.get("answers_of")
    if not isinstance(of, dict):
        return filled
    return filled | {"answers_of": {item: said for items, said in of.items() for item in _SEVERAL.split(items)}}


def mapping_form(instrument: Instrument) -> Record:
    """Return the form of a mapping file for the items and fields of an instrument."""
    fields = (*FIELDS, PSEUDONYM)
    item = OneOf("item or field", lambda: instrument.items)
    field = OneOf("item or field", lambda: fields)
    asked = OneOf("item or field", lambda: FIELDS)
    meanings = Named(OneOf("meaning", lambda: _known_meanings(instrument)))
    forms: dict[str, tuple[Form, str]] = {
        "tool": (TEXT, "the tool that made the export"),
        "columns": (
            Named(TEXT, key=OneOf("item or field", lambda: (*instrument.items, *fields))),
            "ours: theirs, a heading as in the file, the code in it, or the letter of the column",
        ),
        "answers": (meanings, "theirs: ours, for the items under columns"),
        "answers_of": (Named(meanings, key=item), "the same for some items"),
        "values": (Named(Named(TEXT), key=field), "theirs: ours, for a respondent field"),
        "fixed": (Named(TEXT, key=asked), "for every respondent"),
        OUT_OF_SCALE: (Listing(item), "items that are left out, and listed"),
    }
    return Record({name: Field(form, says=says) for name, (form, says) in forms.items()})


def _known_meanings(instrument: Instrument) -> dict[str, int]:
    scale = instrument.scale
    known = {str(value): value for value in range(scale.low, scale.high + 1)}
    return known | {reason: reason_code(reason) for reason in REASONS_OF_A_MAPPING} | {OUT_OF_SCALE: OFF_SCALE}


def _meant(meanings: Mapping[str, str], instrument: Instrument) -> dict[str, int]:
    known = _known_meanings(instrument)
    return {label: known[meaning] for label, meaning in meanings.items()}
