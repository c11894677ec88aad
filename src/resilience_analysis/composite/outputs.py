"""What a scoring run writes: tables, the manifest that says how they came about, pictures and maps."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from resilience_analysis import composite
from resilience_analysis.composite import Scored, Uncertainty
from resilience_analysis.composite.arrays import check_known, listed
from resilience_analysis.composite.structure import SCORED
from resilience_analysis.composite.tables import write_parquet
from resilience_analysis.foundation.cells import csv_bytes
from resilience_analysis.foundation.errors import InputError, Problem
from resilience_analysis.foundation.files import replacing, sha256, write_bytes, write_json

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OUTPUTS = (
    *("denominated", "imputed", "screened", "transformed", "treated", "treatment", "normalised", "scores", "derived"),
    *("ranks", "coverage", "weights", "statistics", "reliability", "correlations", "contributions"),
    *("uncertainty", "sobol"),
)
MANIFEST = "manifest.json"
FORMS = {"csv": lambda path, table: write_bytes(path, csv_bytes(table)), "parquet": write_parquet}
"""How tables are written, by the ending of their files."""
MOST_UNITS, MOST_INDICATORS = 40, 60
"""More bars, or cells of correlations, than a page can hold."""
_SHOWN, _NAMED = 5, 6
TOO_CLOSE = 0.9
SIGNIFICANT = 0.05


def make_outputs(
    scored: Scored,
    result: Uncertainty | None = None,
    *,
    metadata: pd.DataFrame,
    settings: Mapping[str, Any],
    only: Collection[str] = (),
) -> dict[str, pd.DataFrame]:
    """Make every table that applies, or only those named, `result` being what an uncertainty run gave.

    By file name without ending, each as it is written: first the unit (and year) or the code.
    """
    tables, keys = scored.tables, [str(name) for name in scored.tables["data"].index.names]
    options = {name.removeprefix("aggregate."): value for name, value in settings.items() if "aggregate." in name}
    makers: dict[str, Callable[[], pd.DataFrame]] = {
        **{name: tables[name].reset_index for name in OUTPUTS if name in tables},
        "ranks": lambda: composite.ranks(tables["scores"]).reset_index(),
        "contributions": lambda: composite.contributions(
            tables["normalised"], metadata=metadata, weights=scored.weights, **options
        ).reset_index(),
        "weights": lambda: _weights(scored, metadata, settings),
        "statistics": lambda: composite.statistics(tables["data"]).reset_index(),
        "reliability": lambda: _reliability(tables, metadata),
        "correlations": lambda: _correlations(tables, metadata),
    }
    if "treatment" in scored.records:
        makers["treatment"] = lambda: scored.records["treatment"].rename(columns={"year": keys[-1]})
    if result is not None:
        names = dict(zip(("unit", "year"), keys, strict=False))  # called as in the data
        makers["uncertainty"] = lambda: result.intervals.rename(columns=names)
        makers["sobol"] = lambda: result.sobol.rename(columns=names)
    return {name: makers[name]() for name in OUTPUTS if name in makers and (not only or name in only)}


def write_outputs(
    tables: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any], folder: Path, *, form: str = "csv"
) -> list[Path]:
    """Write tables and, last, the manifest; remove what an earlier run left there that this one does not make."""
    paths = [folder / f"{name}.{form}" for name in tables]
    if (folder / MANIFEST).is_file():
        for path in (folder / f"{name}.{ending}" for name in OUTPUTS for ending in FORMS):
            if path not in paths:
                path.unlink(missing_ok=True)
    for path, table in zip(paths, tables.values(), strict=True):
        FORMS[form](path, table)
    hashes = {path.name: sha256(path) for path in paths}
    write_json(folder / MANIFEST, {**manifest, "outputs": hashes})
    return [*paths, folder / MANIFEST]


def make_manifest(files: Mapping[str, Path], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Say what was run: the package's version and those it is built on, hashes of the inputs, and facts of the run."""
    packages = ("resilience-analysis", "numpy", "pandas", "scipy")
    inputs = {kind: {"file": path.name, "sha256": sha256(path)} for kind, path in files.items()}
    together = hashlib.sha256("".join(entry["sha256"] for entry in inputs.values()).encode()).hexdigest()
    return {
        "command": "score",
        "inputs": inputs,
        "inputs_sha256": together,
        **facts,
        "versions": {"python": platform.python_version(), **{name: version(name) for name in packages}},
    }


def _weights(scored: Scored, metadata: pd.DataFrame, settings: Mapping[str, Any]) -> pd.DataFrame:
    table = composite.effective_weights(metadata, weights=scored.weights)
    if "optimisation" in scored.records:
        table = table.join(scored.records["optimisation"][["wanted", "obtained"]])
    if settings.get("weights.method") == "pca":
        used = composite.aggregate(
            scored.tables["normalised"], metadata=metadata, method=settings.get("aggregate.method", "arithmetic")
        )
        table["loading"] = composite.pca_weights(used, metadata=metadata)["loading"]
    return table.reset_index()


def _reliability(tables: Mapping[str, pd.DataFrame], metadata: pd.DataFrame) -> pd.DataFrame:
    raw = composite.reliability(tables["data"], metadata=metadata)
    turned = composite.reliability(tables["normalised"], metadata=metadata)
    raw["alpha_normalised"] = turned["alpha"]
    raw["alpha_normalised_if_dropped"] = turned["alpha_if_dropped"]
    return raw.reset_index()


def _correlations(tables: Mapping[str, pd.DataFrame], metadata: pd.DataFrame) -> pd.DataFrame:
    """Correlate indicators as they are in the data, and aggregates with everything as scored."""
    indicators, scores = list(tables["data"].columns), tables["scores"]
    raw = composite.correlations(tables["data"]).assign(of="data")
    scored = composite.correlations(scores).assign(of="scores")
    scored = scored[~(scored["first"].isin(indicators) & scored["second"].isin(indicators))]
    table = pd.concat([raw, scored], ignore_index=True)
    direction = metadata["direction"].fillna(1.0).where(metadata["type"] == "indicator", 1.0)
    sign = table["first"].map(direction) * table["second"].map(direction)
    together = sign.where(table["of"] == "data", 1.0) * table["correlation"]
    parent = metadata["parent"]
    siblings = (table["first"].map(parent) == table["second"].map(parent)) & (table["first"] != table["second"])
    high = siblings & (together > TOO_CLOSE)
    at_odds = siblings & (together < 0) & (table["p_value"] < SIGNIFICANT)
    return table.assign(flag=np.select([high, at_odds], ["high", "at odds"], ""))


def read_areas(path: Path, units: Sequence[str]) -> Any:
    """Read boundaries (GeoJSON, GeoPackage, shapefile) on a plane: a GeoDataFrame indexed by unit, in their order.

    The column that names the units is the one with most of their codes; refused when none has any, or a unit has
    several areas.
    """
    from resilience_analysis.foundation.shapes import read_shapes  # noqa: PLC0415 - only maps need it

    shapes = read_shapes(path)
    texts = {name: shapes[name].astype(str).str.strip() for name in shapes.columns.drop(shapes.geometry.name)}
    found = {name: int(text.isin(units).sum()) for name, text in texts.items()}
    best = max(found, key=lambda name: found[name], default=None)
    if best is None or not found[best]:
        what = f"no column holds the codes of the units; it has {', '.join(map(str, texts)) or 'none'}"
        raise InputError(path.name, [Problem(path.name, what, f"Units are such as {', '.join(units[:_SHOWN])}")])
    areas = shapes.set_axis(pd.Index(texts[best], name="unit"))
    areas = areas[areas.index.isin(units)]
    twice = areas.index[areas.index.duplicated()].unique()
    if len(twice):
        what = f"several areas are {', '.join(twice[:_SHOWN])}"
        raise InputError(path.name, [Problem(f"{path.name}, column {best}", what, "Join the parts of a unit into one")])
    areas = areas.loc[[unit for unit in units if unit in areas.index]]
    return areas.to_crs(areas.estimate_utm_crs()) if areas.crs is not None and areas.crs.is_geographic else areas


def areas_of(scored: Scored, path: Path, codes: Sequence[str]) -> Any:
    """Read the areas of the units of a run, to draw scores of these codes on."""
    scores = _last_year(scored.tables["scores"])
    for code in codes:
        check_known("code for a map", code, scores.columns)
    return read_areas(path, [str(unit) for unit in scores.index])


def without_area(areas: Any, scored: Scored) -> list[str]:
    """Return which units are on no map, in one sentence or none."""
    units = () if areas is None else _last_year(scored.tables["scores"]).index.astype(str)
    absent = sorted(set(units) - set(() if areas is None else areas.index))
    return [f"without an area, and not on the maps: {listed(absent, most=_NAMED)}"] if absent else []


def draw_pictures(
    scored: Scored,
    result: Uncertainty | None,
    metadata: pd.DataFrame,
    folder: Path,
    *,
    charts: bool = True,
    areas: Any = None,
    maps: Sequence[str] = (),
) -> list[Path]:
    """Draw what applies: the framework, bars and distribution of every top, correlations, components, uncertainty.

    Without `charts` only maps are drawn: on `areas`, as `read_areas` gives them, the scores of the codes `maps`, or of
    the tops. Of a panel the last year is drawn. Pictures of an earlier run that do not apply any more are removed.
    """
    from resilience_analysis.composite import plots  # noqa: PLC0415 - only those who draw pay for it

    scores = _last_year(scored.tables["scores"])
    tops = [code for code in _tops(metadata) if code in scores.columns]
    drawings = _charts(scored, result, metadata, tops) if charts else {}
    if areas is not None:
        own = scores.set_axis(scores.index.astype(str))
        drawings |= {f"map_{code}": partial(plots.draw_score_map, areas, own[code]) for code in maps or tops}
    for earlier in folder.glob("*.png"):
        if earlier.stem not in drawings:
            earlier.unlink()
    for name, draw in drawings.items():
        with replacing(folder / f"{name}.png") as temporary:
            figure = draw().get_figure(root=True)
            assert figure is not None
            figure.savefig(temporary, bbox_inches="tight", metadata={"Software": None})
    return [folder / f"{name}.png" for name in drawings]


def _tops(metadata: pd.DataFrame) -> list[str]:
    return [str(code) for code in metadata.index[metadata["type"].isin(SCORED) & (metadata["parent"] == "")]]


def _charts(
    scored: Scored, result: Uncertainty | None, metadata: pd.DataFrame, tops: list[str]
) -> dict[str, Callable[[], Axes]]:
    from resilience_analysis.composite import plots  # noqa: PLC0415 - only those who draw pay for it

    scores, normalised = _last_year(scored.tables["scores"]), _last_year(scored.tables["normalised"])
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
        intervals = result.intervals
        if "year" in intervals.columns:
            intervals = intervals[intervals["year"] == intervals["year"].max()]
        for top in [top for top in tops if top in set(intervals["code"])]:
            found[f"ranks_{top}"] = partial(plots.draw_rank_uncertainty, intervals, code=top, most=MOST_UNITS)
            found[f"sensitivity_{top}"] = partial(plots.draw_sensitivity, result.sobol, code=top)
    return found


def _last_year(table: pd.DataFrame) -> pd.DataFrame:
    if table.index.nlevels == 1:
        return table
    years = table.index.get_level_values(1)
    last: pd.DataFrame = table[years == years.max()].droplevel(1)
    return last
