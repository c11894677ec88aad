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

from resilience_analysis.foundation.errors import Problem, raise_if_any, unknown
from resilience_analysis.foundation.files import read_yaml_as_text
from resilience_analysis.survey.instrument import FIELDS, PSEUDONYM, Instrument
from resilience_analysis.survey.labels import OFF_SCALE
from resilience_analysis.survey.responses import reason_code

OUT_OF_SCALE = "out_of_scale"
REASONS_OF_A_MAPPING = ("empty", "unknown", "not_applicable")
_PARTS = ("tool", "columns", "answers", "answers_of", "values", "fixed", OUT_OF_SCALE)
_SEVERAL = re.compile(r"[\s,]+")
_NAMED_PARTS = ("columns", "answers", "answers_of", "values", "fixed")


@dataclass(frozen=True)
class ImportMapping:
    """What a mapping file says.

    Attributes
    ----------
    tool
        The tool that made the export; empty to recognise it.
    columns
        Heading (or the code in it) by item or respondent field.
    answers
        What an answer means, by label, for every item in `columns` (every item where it names none): a position, the
        code of a missing reason, or `OFF_SCALE`.
    answers_of
        The same by item, instead of `answers`.
    values
        Our value by theirs, by respondent field.
    fixed
        One value for every respondent, by respondent field.
    out_of_scale
        Items that are left out.
    """

    tool: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, int] = field(default_factory=dict)
    answers_of: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    out_of_scale: frozenset[str] = frozenset()

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
        With every fault: an unknown part, item or field, or an answer that is not a position, no missing reason and
        not ``out_of_scale``.
    """
    content = read_yaml_as_text(path)
    problems: list[Problem] = []
    if not isinstance(content, dict):
        problems.append(Problem(path.name, "holds no mapping", f"Parts: {', '.join(_PARTS)}"))
        content = {}
    problems += [Problem(path.name, unknown("part", part, _PARTS)) for part in content if part not in _PARTS]
    parts = {part: _named(content.get(part) or {}, f"{path.name}, {part}", problems) for part in _NAMED_PARTS}
    mapping = ImportMapping(
        tool=str(content.get("tool") or ""),
        columns={ours: str(theirs) for ours, theirs in parts["columns"].items()},
        answers=_meanings(parts["answers"], f"{path.name}, answers", instrument, problems),
        answers_of={
            item: _meanings(named, f"{path.name}, answers_of, {items}", instrument, problems)
            for items, named in parts["answers_of"].items()
            for item in _SEVERAL.split(items)
        },
        values={
            name: {str(k): str(v) for k, v in _named(named, f"{path.name}, values, {name}", problems).items()}
            for name, named in parts["values"].items()
        },
        fixed={name: str(value) for name, value in parts["fixed"].items()},
        out_of_scale=frozenset(str(item) for item in content.get(OUT_OF_SCALE) or ()),
    )
    problems += _unknown_names(mapping, instrument, path.name)
    raise_if_any(path.name, problems)
    return mapping


def _named(content: Any, where: str, problems: list[Problem]) -> dict[str, Any]:
    if isinstance(content, dict):
        return {str(key): value for key, value in content.items()}
    problems.append(Problem(where, "names and values are expected here"))
    return {}


def _meanings(content: Any, where: str, instrument: Instrument, problems: list[Problem]) -> dict[str, int]:
    scale = instrument.scale
    known = {str(value): value for value in range(scale.low, scale.high + 1)}
    known |= {reason: reason_code(reason) for reason in REASONS_OF_A_MAPPING} | {OUT_OF_SCALE: OFF_SCALE}
    found = {}
    for label, meaning in _named(content, where, problems).items():
        if str(meaning) in known:
            found[label] = known[str(meaning)]
        else:
            problems.append(Problem(f"{where}, {label}", unknown("meaning", meaning, known)))
    return found


def _unknown_names(mapping: ImportMapping, instrument: Instrument, where: str) -> list[Problem]:
    fields = (*FIELDS, PSEUDONYM)
    everything = (*instrument.items, *fields)
    named = {
        "columns": (mapping.columns, everything),
        "answers_of": (mapping.answers_of, instrument.items),
        "values": (mapping.values, fields),
        "fixed": (mapping.fixed, FIELDS),
        OUT_OF_SCALE: (sorted(mapping.out_of_scale), instrument.items),
    }
    return [
        Problem(f"{where}, {part}", unknown("item or field", name, known))
        for part, (names, known) in named.items()
        for name in names
        if name not in known
    ]
