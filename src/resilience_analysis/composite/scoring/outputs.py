"""The tables that a scoring run writes, and the manifest that says how they came about."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Collection, Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from resilience_analysis import composite
from resilience_analysis.composite import Scored, Uncertainty
from resilience_analysis.composite.scoring.tables import write_numbers, write_parquet
from resilience_analysis.foundation.files import sha256, write_json

OUTPUTS = (
    "denominated",
    "imputed",
    "screened",
    "transformed",
    "treated",
    "treatment",
    "normalised",
    "scores",
    "derived",
    "ranks",
    "coverage",
    "weights",
    "statistics",
    "reliability",
    "correlations",
    "contributions",
    "uncertainty",
    "sobol",
)
MANIFEST = "manifest.json"
FORMS = {"csv": write_numbers, "parquet": write_parquet}
"""How tables are written, by the ending of their files."""
TOO_CLOSE = 0.9
SIGNIFICANT = 0.05


def make_outputs(
    scored: Scored, *, metadata: pd.DataFrame, settings: Mapping[str, Any], only: Collection[str] = ()
) -> dict[str, pd.DataFrame]:
    """Make every table that applies but those of an uncertainty run.

    Parameters
    ----------
    scored
        The run.
    metadata
        Tidy, as it was run with.
    settings
        As it was run with.
    only
        Names of tables; the others are then not made. All when empty.

    Returns
    -------
    dict
        Tables by file name without ending, each as it is written: first the unit (and year) or the code.
    """
    tables = scored.tables
    makers: dict[str, Callable[[], pd.DataFrame]] = {
        **{name: partial(_with_units, tables[name]) for name in OUTPUTS if name in tables},
        "ranks": lambda: _with_units(composite.ranks(tables["scores"])),
        "contributions": lambda: _contributions(scored, metadata, settings),
        "weights": lambda: _weights(scored, metadata, settings),
        "statistics": lambda: composite.statistics(tables["data"]).reset_index(),
        "reliability": lambda: _reliability(tables, metadata),
        "correlations": lambda: _correlations(tables, metadata),
    }
    if "treatment" in scored.records:
        year = tables["data"].index.names[-1]
        makers["treatment"] = lambda: scored.records["treatment"].rename(columns={"year": year})
    return {name: makers[name]() for name in OUTPUTS if name in makers and (not only or name in only)}


def _with_units(table: pd.DataFrame) -> pd.DataFrame:
    return table.reset_index()


def _contributions(scored: Scored, metadata: pd.DataFrame, settings: Mapping[str, Any]) -> pd.DataFrame:
    options = {name.removeprefix("aggregate."): value for name, value in settings.items() if "aggregate." in name}
    normalised = scored.tables["normalised"]
    return composite.contributions(normalised, metadata=metadata, weights=scored.weights, **options).reset_index()


def uncertainty_outputs(result: Uncertainty, keys: list[str]) -> dict[str, pd.DataFrame]:
    """Return the tables of an uncertainty run, with the unit (and year) called as in the data."""
    names = dict(zip(("unit", "year"), keys, strict=False))
    return {"uncertainty": result.intervals.rename(columns=names), "sobol": result.sobol.rename(columns=names)}


def write_outputs(
    tables: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any], folder: Path, *, form: str = "csv"
) -> list[Path]:
    """Write tables and manifest, and remove what an earlier run left there that this one does not make.

    Returns
    -------
    list of Path
        The files, the manifest last.
    """
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
