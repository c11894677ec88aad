"""Score a table of indicators, from files to files; the numbers come from `composite`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from resilience_analysis import composite
from resilience_analysis.composite.arrays import check_known, counted, is_panel, name_of
from resilience_analysis.composite.formulas import METHODS
from resilience_analysis.composite.inputs import Inputs, group_column, read_inputs
from resilience_analysis.composite.montecarlo import FEWEST_DRAWS, GROUPS
from resilience_analysis.composite.nested import DEFAULTS
from resilience_analysis.composite.outputs import (
    FORMS,
    OUTPUTS,
    areas_of,
    draw_pictures,
    make_manifest,
    make_outputs,
    without_area,
    write_outputs,
)
from resilience_analysis.composite.preparation import GROUPED
from resilience_analysis.composite.structure import filled_codes
from resilience_analysis.foundation.errors import InputError, UsageError

NOISE = 0.25
"""How much weights vary in an uncertainty run when the framework does not say."""
RANGED = ("minmax", "goalposts", "scaled")
RANKED = sorted(name for name, scaling in METHODS.items() if scaling.ranks)


class Report(NamedTuple):
    """What a run did: files written, sentences on what a reader should know, how many units and indicators."""

    paths: list[Path]
    notes: list[str]
    units: int
    indicators: int


class Products(NamedTuple):
    """What a run writes."""

    only: tuple[str, ...] = ()  # names of tables; all that apply when empty
    form: str = "csv"  # or parquet
    plots: bool = False
    workbook: bool = False
    boundaries: Path | None = None  # file with the areas of the units, for maps
    maps: tuple[str, ...] = ()  # codes whose scores are drawn on them; the tops when empty

    def check(self) -> None:
        """Refuse names of tables and forms that are unknown, and maps of no areas."""
        if self.maps and self.boundaries is None:
            raise UsageError("--map needs the areas of the units. Give their file with --boundaries")
        for name in self.only:
            check_known("table", name, OUTPUTS)
        check_known("form", self.form, FORMS)


EVERYTHING = Products()


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
        Settings as for `composite.score`; they take precedence over those of the framework.
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
    reading = {"missing": missing, "decimal": decimal}
    made = _calculate(data, framework, asked, group, draws, seed=seed or 0, jobs=1 if jobs is None else jobs, **reading)
    metadata = made.inputs.framework.metadata
    facts = _facts(made, {"draws": draws, "seed": seed or 0})
    unused = {} if draws is not None else {"--seed": seed, "--jobs": jobs}
    facts["notes"] += idle_options(made.inputs, asked, group=group, drawn=unused)
    areas = None if products.boundaries is None else areas_of(made.scored, products.boundaries, products.maps)
    facts["notes"] += without_area(areas, made.scored)
    manifest = make_manifest({"data": data, "framework": framework}, facts)
    tables = make_outputs(made.scored, made.result, metadata=metadata, settings=made.settings, only=products.only)
    paths = write_outputs(tables, manifest, out, form=products.form) + _write_products(made, out, products, areas)
    return Report(paths, facts["notes"], facts["units"], facts["indicators"])


class _Made(NamedTuple):
    """What a run came to."""

    inputs: Inputs
    settings: dict[str, Any]
    group: str | None  # the column of groups
    scored: composite.Scored
    result: composite.Uncertainty | None  # when there were draws


def _calculate(
    data: Path,
    framework: Path,
    asked: Mapping[str, Any],
    group: str | None,
    draws: int | None,
    *,
    seed: int,
    jobs: int,
    **reading: Any,
) -> _Made:
    try:
        inputs = read_inputs(data, framework, **reading)
        settings = merge_settings(inputs.framework.settings, asked)
        group = group or inputs.framework.reading.get("group")
        if group is None and settings.get("impute.method") in GROUPED:
            raise UsageError("imputation by group needs groups. Name their column with --group")
        groups = None if group is None else group_column(inputs, group)
        about = {"metadata": inputs.framework.metadata, "denominators": inputs.denominators}
        scored = composite.score(inputs.data, settings=settings, groups=groups, **about)
        varied = {"groups": groups, "seed": seed, "jobs": jobs}
        result = None if draws is None else _vary(inputs, scored, settings, n=draws, **varied)
    except InputError as error:
        of_data = ("data", "denominators", "se", "low and high")
        names = {**dict.fromkeys(of_data, data.name), "metadata": framework.name}
        raise InputError(names.get(error.subject, error.subject), error.problems) from error
    return _Made(inputs, settings, group, scored, result)


def _write_products(made: _Made, out: Path, products: Products, areas: Any | None) -> list[Path]:
    """Write the pictures and the workbook that are asked for."""
    paths, metadata = [], made.inputs.framework.metadata
    if products.plots or areas is not None:
        wanted: dict[str, Any] = {"charts": products.plots, "areas": areas, "maps": products.maps}
        paths += draw_pictures(made.scored, made.result, metadata, out / "plots", **wanted)
    if products.workbook:
        about = {"metadata": metadata, "denominators": made.inputs.denominators}
        paths.append(composite.export_workbook(out / "results.xlsx", made.scored, **about))
    return paths


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
    stem, _, statistic = f"-{settings.get('impute.method', '')}".rpartition("-")
    if statistic in ("mean", "median"):
        choices["impute.method"] = [f"{stem}-{name}".removeprefix("-") for name in ("mean", "median")]
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


def _vary(inputs: Inputs, scored: composite.Scored, settings: Mapping[str, Any], **drawn: Any) -> composite.Uncertainty:
    errors: dict[str, Any] = inputs.errors
    metadata = inputs.framework.metadata
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
        **drawn,
        **errors,
    )


def _facts(made: _Made, drawn: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the manifest says of a run."""
    scored, result, groups = made.scored, made.result, {} if made.group is None else {"impute.groups": made.group}
    units, indicators = len(scored.tables["scores"]), scored.tables["data"].shape[1]
    facts: dict[str, Any] = {"settings": {**made.settings, **groups}, "units": units, "indicators": indicators}
    if "imputation" in scored.records:
        counts = scored.records["imputation"]["how"].value_counts()
        facts["imputed"] = {str(how): int(count) for how, count in counts.items()}
    if "screening" in scored.records:
        screening = scored.records["screening"]
        facts["screened_out"] = [name_of(unit) for unit in screening.index[~screening["kept"]]]
    unusual = [
        f"{counted(count, 'missing value')} {how}" for how, count in facts.get("imputed", {}).items() if ":" in how
    ]
    facts["notes"] = [*scored.notes, *unusual]
    if result is not None:
        failures = {str(reason): int(count) for reason, count in result.failures.itertuples(index=False)}
        about = {**drawn, "evaluations": result.evaluations, "choices": dict(choices_of(made.inputs, made.settings))}
        facts["uncertainty"] = {**about, "failures": failures}
        facts["notes"] += [f"{counted(count, 'draw')} failed: {reason}" for reason, count in failures.items()]
        if drawn["draws"] < FEWEST_DRAWS:
            few = f"{counted(drawn['draws'], 'draw')} are few: an interval of 95 % needs at least {FEWEST_DRAWS}"
            facts["notes"].append(f"{few}, and Sobol indices have none below {GROUPS}")
    return facts


OWN_LIMIT, PANEL = "own limit", "panel"
NEEDS: dict[str, tuple[str, Collection[str], str]] = {
    "treat.winmax": (
        "treat",
        ("winsorise",),
        "it limits winsorising, and no value was winsorised (--treat winsorise)",
    ),
    "treat.fallback": (
        "treat",
        ("winsorise", OWN_LIMIT),
        "it treats what does not pass after winsorising (--treat winsorise)",
    ),
    "normalise.bounds": (
        "normalise",
        [name for name, scaling in METHODS.items() if scaling.bounds != "none"],
        "the method {first} has no range",
    ),
    "normalise.ties": ("normalise", RANKED, f"it places equal values in ranks (--normalise {' or '.join(RANKED)})"),
    "normalise.reference": (
        "normalise",
        ("distance-to-reference",),
        "it is for distances to it (--normalise distance-to-reference)",
    ),
    "normalise.per_year": ("data", (PANEL,), "the data have no unit with several years"),
    "aggregate.power": ("aggregate", ("generalised",), "it is of the mean generalised without a power"),
    "impute.max_gap": ("impute", ("latest",), "it is how far latest looks back (--impute latest)"),
    "group": ("impute", GROUPED, "it names the groups for imputation (--impute group-mean or group-median)"),
}
"""What a setting needs to do something: a step, any of its methods; and what to say where none of them is in use."""


def idle_options(
    inputs: Inputs, asked: Mapping[str, Any], *, group: str | None, drawn: Mapping[str, int | None]
) -> Iterator[str]:
    """Name the options, and keys of ``defaults``, that do nothing without another one: something was expected of them.

    `drawn` holds the options of an uncertainty run that is not made.
    """
    declared, metadata = inputs.framework.settings, inputs.framework.metadata
    used = _methods_in_use(metadata, {**declared, **asked})
    used["data"] = {PANEL} if is_panel(inputs.data.index) else set()
    options = {**asked} if group is None else {**asked, "group": group}
    keys = {setting: key for key, setting in DEFAULTS.items()}
    for setting, (step, methods, why) in NEEDS.items():
        if setting in {**declared, **inputs.framework.reading, **options} and not used[step] & {*methods}:
            name = f"--{keys[setting]}" if setting in options else f"defaults, {keys[setting]}"
            yield f"{name} did nothing: {why.format(first=min(used[step], default=''))}"
    for option, value in drawn.items():
        if value is not None:
            yield f"{option} did nothing: it is for draws (--uncertainty N)"


def _methods_in_use(metadata: pd.DataFrame, settings: Mapping[str, Any]) -> dict[str, set[str]]:
    """Return the methods of each step: those for all, and those that codes have of their own once it is done."""
    used = {}
    for step, usual in {"impute": "none", "treat": "none", "normalise": "minmax", "aggregate": "arithmetic"}.items():
        given = settings.get(f"{step}.method", usual)
        is_done = step != "treat" or "treat.method" in settings
        own = metadata[step].dropna() if is_done and step in metadata.columns else ()
        used[step] = {*map(str, given if isinstance(given, list) else [given]), *(str(one) for one in own if one)}
    if "treat.method" in settings and filled_codes(metadata, "winmax"):
        used["treat"].add(OWN_LIMIT)
    return used
