"""The index of a folder of reports: a map whose municipalities are links, a list to search, and the downloads.

It works from the disk, without network and without JavaScript; with JavaScript the list can be narrowed by typing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from babel import Locale
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from resilience_analysis.batch.folder import INDEX
from resilience_analysis.batch.tasks import Record
from resilience_analysis.drawing.outlines import rings
from resilience_analysis.foundation.files import write_text
from resilience_analysis.foundation.project import Project
from resilience_analysis.foundation.texts import Texts, languages, load_texts
from resilience_analysis.notebook import load_dataset
from resilience_analysis.pages.render import banner, environment, report_css
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.reports.kinds import ReportKind

ON_MAP = "profile"  # the kind of reports that the map leads to
WIDTH = 960
_TEXT, _TEXT_ON_PHONE = 26, 36  # sizes of names on the map
_LETTER = 0.55  # width of one, as a share of its size
_NAMED = 30  # more names than that do not fit on the map
_SURROUNDINGS = 0.15  # how far beyond the reports the map goes, as a share of their extent
_TOLERANCE = 1 / 1500  # of the width of the map: finer detail does not show


@dataclass(frozen=True)
class Entry:
    """One report in the folder."""

    name: str  # what it is about, such as ``Herentals``
    kind: str  # name of its kind, such as ``profile``
    code: str  # NIS code for a profile, else the id of the region or village
    files: Mapping[str, str] = field(default_factory=dict)
    """File by format (``html``, ``pdf``, ``csv``, ``excel``), relative to the folder."""


def index_page(
    entries: Sequence[Entry], shapes: gpd.GeoDataFrame, texts: Texts, *, made: dt.date, headings: Mapping[str, str],
    synthetic: str = "", others: Mapping[str, tuple[str, str]] | None = None,
) -> str:  # fmt: skip
    """Return the index of the reports of one language as one HTML document.

    All `shapes` (in metres, with ``nis_code`` and ``name``) are drawn, those without a report in grey. The headings are
    those of the list of each kind, in their order; `others` has the name and file of the index in other languages.
    """
    by_kind = {kind: [entry for entry in entries if entry.kind == kind] for kind in headings}
    lists = [
        (kind, heading, sorted(by_kind[kind], key=lambda entry: entry.name.casefold()))
        for kind, heading in headings.items()
        if by_kind[kind] or kind == ON_MAP
    ]
    links = {entry.code: entry.files["html"] for entry in by_kind.get(ON_MAP, ())}
    areas, height = map_areas(_around(shapes, links), links)
    template = environment(Path(__file__).parent / "templates").get_template("index.html.j2")
    drawn = {"areas": areas, "width": WIDTH, "height": height, "named": len(links) <= _NAMED}
    drawn |= {"text_size": _TEXT, "on_phone": _TEXT_ON_PHONE}
    said = {"made": texts.date(made), "synthetic": synthetic, "others": others or {}}
    return template.render(t=texts, css=report_css(), lists=lists, on_map=ON_MAP, **said, **drawn)


def _around(shapes: gpd.GeoDataFrame, links: Mapping[str, str]) -> gpd.GeoDataFrame:
    """Keep what lies near the municipalities that have a report; everything when none has."""
    linked = shapes[shapes["nis_code"].isin(list(links))]
    if linked.empty:
        return shapes
    west, south, east, north = linked.total_bounds
    pad = _SURROUNDINGS * max(east - west, north - south)
    window = box(west - pad, south - pad, east + pad, north + pad)
    near = shapes[shapes.intersects(window)]
    return near.assign(geometry=near.geometry.intersection(window))


def map_areas(shapes: gpd.GeoDataFrame, links: Mapping[str, str]) -> tuple[pd.DataFrame, int]:
    """Return the municipalities as areas of a map `WIDTH` wide, and its height.

    The shapes, with ``nis_code`` and ``name``, are in metres; the links are by code.

    Returns
    -------
    tuple
        A row per municipality, those with a link last: ``code``, ``name``, ``path`` (its outline), ``x`` and ``y`` (its
        middle), ``href`` (empty without a link) and ``text_size``, the largest at which its name fits in its width; and
        the height.
    """
    west, south, east, north = shapes.total_bounds
    scale = WIDTH / (east - west)
    coarse = shapes.geometry.simplify_coverage((east - west) * _TOLERANCE)
    middles, bounds = shapes.geometry.representative_point(), shapes.bounds
    codes, names = (shapes[column].astype(str) for column in ("nis_code", "name"))
    areas = pd.DataFrame({
        "code": codes, "name": names, "path": [_svg_path(shape, west, north, scale) for shape in coarse],
        "x": ((middles.x - west) * scale).round(1), "y": ((north - middles.y) * scale).round(1),
        "href": [links.get(code, "") for code in codes],
        "text_size": (bounds["maxx"] - bounds["minx"]) * scale / (_LETTER * names.str.len()),
    })  # fmt: skip
    # areas with a report come last, so that the outline of a focused one is never covered
    last = areas.assign(linked=areas["href"] != "").sort_values(["linked", "name"], kind="stable").index
    return areas.loc[last], round((north - south) * scale)


def _svg_path(shape: BaseGeometry, west: float, north: float, scale: float) -> str:
    def line(ring: np.ndarray[Any, Any]) -> str:
        corners = zip((ring[:-1, 0] - west) * scale, (north - ring[:-1, 1]) * scale, strict=True)
        return "L".join(f"{round(x, 1):g} {round(y, 1):g}" for x, y in corners)

    return "".join(f"M{line(ring)}Z" for ring in rings(shape))


_FORMS = {"html": ".html", "pdf": ".pdf", "csv": ".csv", "excel": ".excel.csv", "descriptor": ".datapackage.json"}


def write_index(kinds: Mapping[str, ReportKind], project: Project, folder: Path, reports: Mapping[str, Record]) -> None:
    """Write ``index.html``, and one such as ``index.en.html`` beside it for each further language of the reports.

    Reports (from the manifest of the folder, by stem) that failed, or are of a kind of one's own, are left out.
    """
    whole = {stem: record for stem, record in reports.items() if record["kind"] in kinds and _is_made(record)}
    written = {record["language"] for record in whole.values()}
    used = [name for name in dict.fromkeys((*project.settings.languages, *languages())) if name in written]
    dataset = load_dataset(project)
    names = {language: INDEX if place == 0 else f"index.{language}.html" for place, language in enumerate(used)}
    order = sorted(kinds, key=lambda kind: kinds[kind].about.word != "region")  # what leads to others comes first
    for language, name in names.items():
        texts = load_texts(language, project=project)
        entries = [
            _entry(stem, record, dataset, kinds) for stem, record in whole.items() if record["language"] == language
        ]
        others = {other: (Locale(other).display_name or other, names[other]) for other in used if other != language}
        page = index_page(
            [entry for entry in entries if "html" in entry.files], dataset.boundaries, texts,
            made=dt.datetime.now(tz=dt.UTC).date(), synthetic=banner(texts, dataset.tables.synthetic), others=others,
            headings={kind: texts(kinds[kind].heading) for kind in order},
        )  # fmt: skip
        write_text(folder / name, page)


def _is_made(record: Record) -> bool:
    return bool(record["files"]) and not record["failure"]


def _entry(stem: str, record: Record, dataset: Dataset, kinds: Mapping[str, ReportKind]) -> Entry:
    kind = record["kind"]
    word, code = kinds[kind].about.word, str(record["parameters"].get(kinds[kind].about.code, stem))
    names = {"place": dataset.names, "village": dataset.villages.set_index("village_code")["name"]}
    # a municipality that was there when its report was made may have merged since
    name = str(names[word].get(code, record["title"])) if word in names else record["title"]
    files = {form: f"{stem}{suffix}" for form, suffix in _FORMS.items() if f"{stem}{suffix}" in record["files"]}
    return Entry(name, kind, code, files)
