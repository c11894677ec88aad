"""Scoring of anybody's table, from files to files; the numbers come from `composite`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from resilience_analysis import composite
from resilience_analysis.composite.imputation import GROUPED
from resilience_analysis.composite.notes import idle_options
from resilience_analysis.composite.scoring.inputs import Inputs, group_column, read_inputs
from resilience_analysis.composite.scoring.outputs import (
    FORMS,
    OUTPUTS,
    WantedPictures,
    areas_of,
    make_manifest,
    make_outputs,
    uncertainty_outputs,
    without_area,
    write_outputs,
    write_pictures,
)
from resilience_analysis.foundation.errors import InputError, UsageError, unknown

NOISE = 0.25
"""How much weights vary in an uncertainty run when the framework does not say."""
RANGED = ("minmax", "goalposts", "scaled")


@dataclass(frozen=True)
class Report:
    """What a run did: files written, sentences on what a reader should know, how many units and indicators."""

    paths: list[Path]
    notes: list[str]
    units: int
    indicators: int


@dataclass(frozen=True)
class Products:
    """What a run writes."""

    only: tuple[str, ...] = ()
    """Names of tables; all that apply when empty."""
    form: str = "csv"
    """Or ``parquet``."""
    plots: bool = False
    workbook: bool = False
    boundaries: Path | None = None
    """File with the areas of the units, for maps."""
    maps: tuple[str, ...] = ()
    """Codes whose scores are drawn on them; the tops when empty."""

    def check(self) -> None:
        """Refuse names of tables and forms that are unknown, and maps of no areas."""
        if self.maps and self.boundaries is None:
            raise UsageError("--map needs the areas of the units. Give their file with --boundaries")
        for name in self.only:
            if name not in OUTPUTS:
                raise UsageError(unknown("table", name, OUTPUTS))
        if self.form not in FORMS:
            raise UsageError(unknown("form", self.form, FORMS))


EVERYTHING = Products()


@dataclass(frozen=True)
class _Made:
    """What a run came to: scores, the settings used, facts for the manifest, and the draws when there were any."""

    scored: composite.Scored
    settings: Mapping[str, Any]
    facts: dict[str, Any]
    result: composite.Uncertainty | None

    def tables(self, metadata: pd.DataFrame, only: Collection[str]) -> dict[str, pd.DataFrame]:
        """Return the tables to write."""
        tables = make_outputs(self.scored, metadata=metadata, settings=self.settings, only=only)
        if self.result is not None:
            keys = [str(name) for name in self.scored.tables["data"].index.names]
            of_draws = uncertainty_outputs(self.result, keys)
            tables |= {name: table for name, table in of_draws.items() if not only or name in only}
        return tables


def run(
    data: Path,
    framework: Path,
    out: Path,
    *,
    asked: Mapping[str, Any],
    group: str | None = None,
    draws: int | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    missing: Sequence[str] = (),
    decimal: str | None = None,
    products: Products = EVERYTHING,
) -> Report:
    """Score a data file with a framework file and write every table that applies; on bad input write nothing.

    Parameters
    ----------
    data, framework
        As for `read_inputs`.
    out
        The folder to write to.
    asked
        Settings as for `composite.score`; they go before those of the framework.
    group
        The column that groups the units, for group imputation.
    draws, seed, jobs
        Of the uncertainty run, when there is to be one; seed 0 and 1 job when not given.
    missing, decimal
        Codes of missing values and the decimal mark of the data; see `read_inputs`.
    products
        What is written.

    Raises
    ------
    InputError
        When the files hold what cannot be scored.
    UsageError
        When a setting is unknown, or group imputation has no groups.
    """
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file. Give --out a folder")
    products.check()
    try:
        inputs = read_inputs(data, framework, missing=missing, decimal=decimal)
        group = group or inputs.framework.reading.get("group")
        if group is None and merge_settings(inputs.framework.settings, asked).get("impute.method") in GROUPED:
            raise UsageError("imputation by group needs groups. Name their column with --group")
        made = _calculate(inputs, asked, group, draws, seed=seed or 0, jobs=1 if jobs is None else jobs)
    except InputError as error:
        of_data = ("data", "denominators", "se", "low and high")
        names = {**dict.fromkeys(of_data, data.name), "metadata": framework.name}
        raise InputError(names.get(error.subject, error.subject), error.problems) from error
    facts = made.facts
    drawn = {} if draws is not None else {"--seed": seed, "--jobs": jobs}
    known = inputs.framework
    facts["notes"] += idle_options(known.metadata, known.settings, asked, group=group, drawn=drawn)
    areas = None if products.boundaries is None else areas_of(products.boundaries, products.maps, made.scored)
    facts["notes"] += without_area(areas, made.scored)
    manifest = make_manifest({"data": data, "framework": framework}, facts)
    paths = write_outputs(made.tables(inputs.framework.metadata, products.only), manifest, out, form=products.form)
    paths += _write_products(made, inputs, out, products, areas)
    return Report(paths, facts["notes"], facts["units"], facts["indicators"])


def _write_products(made: _Made, inputs: Inputs, out: Path, products: Products, areas: Any | None) -> list[Path]:
    """Write the pictures and the workbook that are asked for."""
    paths, metadata = [], inputs.framework.metadata
    if products.plots or areas is not None:
        wanted = WantedPictures(products.plots, areas, products.maps)
        paths += write_pictures(made.scored, metadata=metadata, folder=out / "plots", result=made.result, wanted=wanted)
    if products.workbook:
        book = out / "results.xlsx"
        paths.append(composite.export_workbook(book, made.scored, metadata=metadata, denominators=inputs.denominators))
    return paths


def _calculate(
    inputs: Inputs, asked: Mapping[str, Any], group: str | None, draws: int | None, *, seed: int, jobs: int
) -> _Made:
    settings = merge_settings(inputs.framework.settings, asked)
    groups = None if group is None else group_column(inputs, group)
    scored = composite.score(
        inputs.data,
        metadata=inputs.framework.metadata,
        settings=settings,
        groups=groups,
        denominators=inputs.denominators,
    )
    facts, result = _facts(scored, settings, group), None
    if draws is not None:
        result = _vary(inputs, scored, settings, groups, draws=draws, seed=seed, jobs=jobs)
        facts["uncertainty"] = {
            "draws": draws,
            "seed": seed,
            "evaluations": result.evaluations,
            "choices": dict(choices_of(inputs, settings)),
            "failures": _failures(result),
        }
        facts["notes"] += [f"{count} draws failed: {reason}" for reason, count in _failures(result).items()]
    return _Made(scored, settings, facts, result)


def merge_settings(framework: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Put what was asked for in place of what the framework says; ``none`` takes a step out.

    A range of the framework goes with its own method: another method asked for has its own default. A limit of
    winsorising without a treatment treats nothing.
    """
    settings = composite.with_alternatives(framework, [asked])
    for step in ("impute", "treat"):
        if asked.get(f"{step}.method") == "none" or f"{step}.method" not in settings:
            settings = {name: value for name, value in settings.items() if not name.startswith(f"{step}.")}
    return {name: value for name, value in settings.items() if name != "denominate" or value}


def choices_of(inputs: Inputs, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an uncertainty run varies: what the framework says, else the usual.

    The usual: weights by a quarter up and down; half and double the limit of winsorising; mean and median when one
    of them imputes; percentile ranks on the same range beside a method with a range; and the sampling error when
    the data have one.
    """
    if inputs.framework.choices:
        return inputs.framework.choices
    choices: dict[str, Any] = {"weights.noise": NOISE}
    if settings.get("treat.method") == "winsorise":
        limit = settings.get("treat.winmax", 5)
        choices["treat.winmax"] = sorted({max(1, limit // 2), limit, 2 * limit})
    imputation = str(settings.get("impute.method", ""))
    if imputation.endswith(("mean", "median")):
        stem = imputation.removesuffix("mean").removesuffix("median")
        choices["impute.method"] = [f"{stem}mean", f"{stem}median"]
    method = settings.get("normalise.method", "minmax")
    if method in RANGED and not _has_own_scale(inputs.framework.metadata, settings):
        bounds = settings.get("normalise.bounds")
        own = {"method": method} if bounds is None else {"method": method, "bounds": bounds}
        choices["normalise"] = [own, {"method": "percentile-rank", "bounds": bounds or [0.0, 100.0]}]
    return choices


def _has_own_scale(metadata: pd.DataFrame, settings: Mapping[str, Any]) -> bool:
    """Return whether indicators have ranges of their own, beside which percentile ranks would be on another scale."""
    own = metadata.reindex(columns=["goalpost_scale", "scaled_factor", "minmax_lower"])
    return settings.get("normalise.bounds") is None and bool(own.notna().any(axis=None))


def _vary(
    inputs: Inputs,
    scored: composite.Scored,
    settings: Mapping[str, Any],
    groups: pd.Series | None,
    *,
    draws: int,
    seed: int,
    jobs: int,
) -> composite.Uncertainty:
    metadata = inputs.framework.metadata
    errors = inputs.errors
    if settings.get("denominate"):
        sizes = composite.divisors(inputs.data, metadata, inputs.denominators)
        errors = {
            kind: table.assign(**{code: table[code] / sizes[code] for code in sizes if code in table.columns})
            for kind, table in errors.items()
        }
    return composite.uncertainty(
        scored.tables.get("denominated", inputs.data),
        metadata=metadata,
        choices=choices_of(inputs, settings),
        settings={name: value for name, value in settings.items() if name != "denominate"},
        groups=groups,
        n=draws,
        seed=seed,
        jobs=jobs,
        se=errors.get("se"),
        low=errors.get("low"),
        high=errors.get("high"),
    )


def _facts(scored: composite.Scored, settings: Mapping[str, Any], group: str | None) -> dict[str, Any]:
    imputation = scored.records.get("imputation")
    screening = scored.records.get("screening")
    facts: dict[str, Any] = {
        "settings": {**settings, **({} if group is None else {"impute.groups": group})},
        "units": len(scored.tables["scores"]),
        "indicators": scored.tables["data"].shape[1],
    }
    if imputation is not None:
        facts["imputed"] = {str(how): int(count) for how, count in imputation["how"].value_counts().items()}
    if screening is not None:
        dropped = screening.index[~screening["kept"]]
        facts["screened_out"] = [", ".join(map(str, u)) if isinstance(u, tuple) else str(u) for u in dropped]
    unusual = [f"{count} missing values {how}" for how, count in facts.get("imputed", {}).items() if ":" in how]
    return {**facts, "notes": [*scored.notes, *unusual]}


def _failures(result: composite.Uncertainty) -> dict[str, int]:
    return {str(reason): int(count) for reason, count in result.failures.itertuples(index=False)}
