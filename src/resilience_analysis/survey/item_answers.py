"""The answers to the items of an export as codes, and the columns that are left out because their scale is another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from resilience_analysis.survey.headings import ITEM, Match
from resilience_analysis.survey.instrument import Instrument
from resilience_analysis.survey.labels import EMPTY, UNREADABLE, mapped_reader, scale_reader
from resilience_analysis.survey.mapping import ImportMapping
from resilience_analysis.survey.scales import Refusal, refused_by_mapping, refused_scales
from resilience_analysis.survey.submissions import Remark, Submissions

_UNREAD = "not an answer of this scale; counted as no answer"
_BY_MAPPING = "the mapping says it is out of scale"


@dataclass(frozen=True)
class ItemAnswers:
    """The answers to the items of one export.

    Attributes
    ----------
    codes
        A row per submission and a column per item that can be used, as in `Responses.codes`.
    remarks
        Columns that are left out, and cells that count as no answer.
    refusals
        Columns that are left out together because they are on another scale.
    """

    codes: pd.DataFrame
    remarks: tuple[Remark, ...]
    refusals: tuple[Refusal, ...]


def read_items(
    submissions: Submissions, matches: Sequence[Match], instrument: Instrument, mapping: ImportMapping
) -> ItemAnswers:
    """Read every column of an item; those on another scale are left out as a whole."""
    reader = scale_reader(instrument.scale)
    columns = {match.target: number for number, match in enumerate(matches) if match.kind == ITEM}
    cells = {item: submissions.cells[number].tolist() for item, number in columns.items()}
    judged = {item: cells[item] for item in cells if item not in mapping.out_of_scale and not mapping.meanings(item)}
    offered = {item: submissions.offered.get(columns[item], ()) for item in judged}
    arrays = {item: matches[columns[item]].array for item in judged}
    refusals = refused_scales(judged, arrays, reader, {item: labels for item, labels in offered.items() if labels})
    mapped = {item: mapped_reader(mapping.meanings(item)) for item in cells if mapping.meanings(item)}
    for item in mapped.keys() - mapping.out_of_scale:
        refusals += refused_by_mapping({item: cells[item]}, mapped[item])
    why = {item: refusal.why for refusal in refusals for item in refusal.items}
    why |= dict.fromkeys(mapping.out_of_scale, _BY_MAPPING)
    codes: dict[str, np.ndarray] = {}
    remarks: list[Remark] = []
    for item, number in columns.items():
        heading = matches[number].heading
        if item in why:
            remarks.append(Remark("", f"{item} is left out: {why[item]}", heading))
            continue
        found = np.asarray(mapped.get(item, reader).read_column(cells[item]), dtype=np.int16)
        remarks += _unread(found, cells[item], submissions.cells.index, heading)
        codes[item] = np.where(found >= UNREADABLE, EMPTY, found).astype(np.int8)
    ordered = {item: codes[item] for item in instrument.items if item in codes}
    return ItemAnswers(pd.DataFrame(ordered, index=submissions.cells.index), tuple(remarks), tuple(refusals))


def _unread(codes: np.ndarray, cells: Sequence[str], rows: pd.Index, heading: str) -> list[Remark]:
    unread = np.flatnonzero(codes >= UNREADABLE).tolist()
    return [Remark(rows[place], _UNREAD, heading, cells[place]) for place in unread]
