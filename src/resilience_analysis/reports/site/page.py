"""The page of all places as one HTML document: what it says without JavaScript, and the figures for its script."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from resilience_analysis.drawing.layers import palette
from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.foundation.texts import Texts
from resilience_analysis.pages.document import TEMPLATES as REPORT_TEMPLATES
from resilience_analysis.pages.invented import banner
from resilience_analysis.profiles.comparator import comparator
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.reports.index_page import WIDTH, map_areas
from resilience_analysis.reports.site.tables import MISSING, SCORE, SUPPRESSED, Measure, measures

HERE = Path(__file__).parent
COMPARED = 4
"""At most so many places are put side by side."""


def site_page(
    dataset: Dataset, texts: Texts, *, links: Mapping[str, str], others: Mapping[str, tuple[str, str]], index: str = ""
) -> str:
    """Return the page of all places.

    Parameters
    ----------
    dataset
        The figures.
    texts
        Words.
    links
        Profiles by code of the place, relative to the page.
    others
        The page in other languages: name of the language and file, by code of the language.
    index
        The index of the reports, relative to the page; empty where there is none.

    Raises
    ------
    UsageError
        When there is not one figure to show.
    """
    found = measures(dataset, texts)
    if not found:
        raise UsageError("there is not one figure to show. Add figures to data/raw, then run resilience build")
    names = dataset.names.astype(str).sort_values(key=lambda name: name.str.casefold())
    shown = [_in_order(measure, names.index) for measure in found]
    first = _first(shown, dataset.framework.mapped)
    areas, height = map_areas(dataset.boundaries, {})
    content = {
        "places": [{"code": c, "name": name, "href": links.get(str(c), "")} for c, name in names.items()],
        "first": first, "groups": _grouped(shown), "scores": [m for m in shown if m.unit == SCORE],
        "areas": areas, "width": WIDTH, "height": height, "chosen": _compared(dataset, names),
        "index": index, "others": others, "synthetic": banner(texts, dataset.tables.synthetic),
        "download": _data_address(_wide(shown, names)), "data": _embedded(shown, names, areas, first),
        "colours": palette(), "missing": MISSING, "suppressed": SUPPRESSED, "compared": range(1, COMPARED + 1),
    }  # fmt: skip
    return _environment().get_template("site.html.j2").render(t=texts, css=_style(), **content)


def _first(shown: Sequence[Measure], mapped: Sequence[str]) -> Measure:
    """Return the measure to begin with: an indicator that profiles map, another indicator, or else a score."""
    by_code = {measure.code: measure for measure in shown}
    indicators = [measure.code for measure in shown if measure.unit != SCORE]
    return by_code[next(code for code in (*mapped, *indicators, shown[0].code) if code in by_code)]


def _in_order(measure: Measure, codes: pd.Index) -> Measure:
    return Measure(**{**vars(measure), "table": measure.table.loc[codes]})


def _grouped(shown: Sequence[Measure]) -> dict[str, list[Measure]]:
    groups: dict[str, list[Measure]] = {}
    for measure in shown:
        groups.setdefault(measure.group, []).append(measure)
    return groups


def _compared(dataset: Dataset, names: pd.Series) -> list[str]:
    """Return the codes of the places to begin with: those of the project's region, or the first two."""
    inside = set(comparator(dataset, dataset.project.settings.region).codes)
    members = [str(code) for code in names.index if code in inside][:COMPARED]
    return members if len(members) > 1 else [str(code) for code in names.index[:2]]


def _wide(shown: Sequence[Measure], names: pd.Series) -> pd.DataFrame:
    values = {measure.code: measure.table["value"] for measure in shown}
    return pd.DataFrame({"name": names, **values}).rename_axis("code")


def _data_address(table: pd.DataFrame) -> str:
    content = base64.b64encode(table.to_csv(float_format="%.6g").encode("utf-8")).decode("ascii")
    return f"data:text/csv;charset=utf-8;base64,{content}"


def _embedded(shown: Sequence[Measure], names: pd.Series, areas: Sequence[Any], first: Measure) -> dict[str, Any]:
    middles = {area.code: [area.x, area.y] for area in areas}
    return {
        "codes": list(names.index), "names": names.tolist(), "first": first.code,
        "middles": [middles.get(code) for code in names.index],
        "measures": [measure.embedded() for measure in shown],
    }  # fmt: skip


def _style() -> str:
    return (REPORT_TEMPLATES / "report.css").read_text(encoding="utf-8").strip()


def _environment() -> Environment:
    loader = FileSystemLoader(HERE)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
