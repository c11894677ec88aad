"""The pictures of a scoring run, as PNG files, and the areas that maps are drawn on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from resilience_analysis import composite
from resilience_analysis.composite import Scored, Uncertainty
from resilience_analysis.foundation.errors import UsageError, unknown
from resilience_analysis.foundation.files import replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes


from resilience_analysis.foundation.errors import InputError, Problem

_SHOWN = 5


def read_areas(path: Path, units: Sequence[str]) -> Any:
    """Read boundaries, one row per unit that has any, on a plane.

    Parameters
    ----------
    path
        GeoJSON, GeoPackage or shapefile. The column that names the units is the one with most of their codes.
    units
        Codes of the units.

    Returns
    -------
    geopandas.GeoDataFrame
        Indexed by unit, in the order of `units`.

    Raises
    ------
    InputError
        When the file cannot be read, no column has a code of a unit, or a unit has several areas.
    """
    from resilience_analysis.foundation.shapes import read_shapes  # noqa: PLC0415 - only maps need it

    shapes = read_shapes(path)
    known = set(units)
    texts = {name: shapes[name].astype(str).str.strip() for name in shapes.columns.drop(shapes.geometry.name)}
    found = {name: int(text.isin(known).sum()) for name, text in texts.items()}
    best = max(found, key=lambda name: found[name], default=None)
    if best is None or not found[best]:
        has = ", ".join(map(str, texts)) or "none"
        what = f"no column holds the codes of the units; it has {has}"
        raise InputError(path.name, [Problem(path.name, what, f"Units are such as {', '.join(list(units)[:_SHOWN])}")])
    areas = shapes.set_axis(pd.Index(texts[best], name="unit"))
    areas = areas[areas.index.isin(known)]
    twice = areas.index[areas.index.duplicated()].unique()
    if len(twice):
        what = f"several areas are {', '.join(twice[:_SHOWN])}"
        raise InputError(path.name, [Problem(f"{path.name}, column {best}", what, "Join the parts of a unit into one")])
    areas = areas.loc[[unit for unit in units if unit in areas.index]]
    return areas.to_crs(areas.estimate_utm_crs()) if areas.crs is not None and areas.crs.is_geographic else areas


MOST_UNITS, MOST_INDICATORS = 40, 60
"""More bars, or cells of correlations, than a page can hold."""
_NAMED = 6


@dataclass(frozen=True)
class WantedPictures:
    """Which pictures are drawn.

    Attributes
    ----------
    charts
        Whether everything but maps is.
    areas
        Areas of the units, as `read_areas` gives them; no maps without.
    maps
        Codes whose scores are drawn on them; the tops when empty.
    """

    charts: bool = True
    areas: Any = None
    maps: tuple[str, ...] = ()


def areas_of(boundaries: Path, codes: Sequence[str], scored: Scored) -> Any:
    """Read the areas of the units of a run.

    Raises
    ------
    UsageError
        When a code has no scores.
    """
    table = scored.tables["scores"]
    for code in codes:
        if code not in table.columns:
            raise UsageError(unknown("code for a map", code, [str(name) for name in table.columns]))
    return read_areas(boundaries, [str(unit) for unit in _last_year(table).index])


def without_area(areas: Any, scored: Scored) -> list[str]:
    """Return which units are on no map, in one sentence or none."""
    units = [] if areas is None else [str(unit) for unit in _last_year(scored.tables["scores"]).index]
    absent = sorted(set(units) - set(areas.index)) if units else []
    more = f" and {len(absent) - _NAMED} more" if len(absent) > _NAMED else ""
    return [f"without an area, and not on the maps: {', '.join(absent[:_NAMED])}{more}"] if absent else []


def write_pictures(
    scored: Scored,
    *,
    metadata: pd.DataFrame,
    folder: Path,
    result: Uncertainty | None = None,
    wanted: WantedPictures | None = None,
) -> list[Path]:
    """Draw what applies: the framework, bars and distribution of every top, correlations, components, uncertainty.

    Parameters
    ----------
    scored, metadata
        The run. Of a panel the last year is drawn.
    folder
        Where to write; pictures of an earlier run that do not apply any more are removed.
    result
        The uncertainty run, when there was one.
    wanted
        Which pictures; all but maps when not given.

    Returns
    -------
    list of Path
        The files.
    """
    wanted = wanted or WantedPictures()
    drawings = _drawings(scored, metadata, result) if wanted.charts else {}
    if wanted.areas is not None:
        drawings |= _maps(wanted, scored, metadata)
    for earlier in folder.glob("*.png"):
        if earlier.stem not in drawings:
            earlier.unlink()
    paths = []
    for name, draw in drawings.items():
        path = folder / f"{name}.png"
        with replacing(path) as temporary:
            figure = draw().get_figure(root=True)
            assert figure is not None
            figure.savefig(temporary, bbox_inches="tight", metadata={"Software": None})
        paths.append(path)
    return paths


def _drawings(scored: Scored, metadata: pd.DataFrame, result: Uncertainty | None) -> dict[str, Callable[[], Axes]]:
    from resilience_analysis.composite import plots  # noqa: PLC0415 - only those who draw pay for it

    scores, normalised = _last_year(scored.tables["scores"]), _last_year(scored.tables["normalised"])
    tops = _tops(metadata)
    found: dict[str, Callable[[], Axes]] = {"framework": partial(plots.draw_framework, metadata)}
    for top in tops:
        children = [code for code in metadata.index[metadata["parent"] == top] if code in scores.columns]
        found[f"scores_{top}"] = partial(plots.draw_bars, scores[top], most=MOST_UNITS)
        found[f"distribution_{top}"] = partial(plots.draw_distribution, scores[top])
        found[f"dots_{top}"] = partial(plots.draw_dots, scores[[top, *children]])
    if 1 < normalised.shape[1] <= MOST_INDICATORS and len(normalised) > 2:  # noqa: PLR2004 - two lie on a line
        pairs = composite.correlations(normalised)
        families = {str(code): str(parent) for code, parent in metadata["parent"].items()}
        found["correlations"] = partial(plots.draw_correlations, pairs, families=families)
    if result is not None:
        found |= _of_draws(result, tops)
    return found


def _tops(metadata: pd.DataFrame) -> list[str]:
    scored_codes = metadata[metadata["type"].isin(("indicator", "aggregate"))]
    return [str(code) for code in scored_codes.index[scored_codes["parent"] == ""]]


def _maps(wanted: WantedPictures, scored: Scored, metadata: pd.DataFrame) -> dict[str, Callable[[], Axes]]:
    from resilience_analysis.composite import plots  # noqa: PLC0415 - only those who draw pay for it

    scores = _last_year(scored.tables["scores"])
    scores = scores.set_axis(scores.index.astype(str))
    codes = wanted.maps or [code for code in _tops(metadata) if code in scores.columns]
    return {f"map_{code}": partial(plots.draw_score_map, wanted.areas, scores[code]) for code in codes}


def _of_draws(result: Uncertainty, tops: list[str]) -> Mapping[str, Callable[[], Any]]:
    from resilience_analysis.composite import plots  # noqa: PLC0415 - only those who draw pay for it

    intervals = result.intervals
    if "year" in intervals.columns:
        intervals = intervals[intervals["year"] == intervals["year"].max()]
    found: dict[str, Callable[[], Any]] = {}
    for top in tops:
        if top in set(intervals["code"]):
            found[f"ranks_{top}"] = partial(plots.draw_rank_uncertainty, intervals, code=top, most=MOST_UNITS)
            found[f"sensitivity_{top}"] = partial(plots.draw_sensitivity, result.sobol, code=top)
    return found


def _last_year(table: pd.DataFrame) -> pd.DataFrame:
    if table.index.nlevels == 1:
        return table
    years = table.index.get_level_values(1)
    last: pd.DataFrame = table[years == years.max()].droplevel(1)
    return last
