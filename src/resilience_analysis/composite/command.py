"""The command ``resilience score``: composite indicators for anybody's table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.foundation.terminal import note, say

HELP = """Score a table of indicators with a framework.

DATA is a CSV or Excel file with one row per unit; the unit is in the first of the columns uCode, unit, code, \
nis_code that is there, else in the first column. With a column Time or year and several rows per unit it is a panel.
FRAMEWORK is YAML, or a table in COINr's form (iMeta) or ours; see docs/composite.md.

Steps are done in this order: denominate, impute, screen, transform, treat, normalise, weights, aggregate. What the \
framework declares is done, and options take precedence over it (none takes a step out); else only normalise (minmax \
to 0..100) and aggregate (arithmetic) are. Of COINr's iMeta only what is asked for is done, as in COINr.
"""


Data = Annotated[Path, typer.Argument(metavar="DATA", help="One row per unit, one column per indicator.")]
Framework = Annotated[Path, typer.Argument(metavar="FRAMEWORK", help="What each indicator is.")]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write the tables.")]
Missing = Annotated[
    list[str] | None,
    typer.Option(
        "--missing", metavar="CODE", help="A number that means a missing value, such as -999; may be repeated."
    ),
]
Decimal = Annotated[
    str | None,
    typer.Option("--decimal", metavar="MARK", help="The decimal mark of the data, . or , (found by itself)."),
]
Denominate = Annotated[
    bool | None,
    typer.Option("--denominate/--no-denominate", help="Divide by the denominators (as the framework says)."),
]
Impute = Annotated[
    str | None,
    typer.Option(
        "--impute",
        metavar="METHOD",
        help="Fill missing values: mean, median, group-mean, group-median, unit-mean, unit-median; "
        "in a panel also latest, constant, linear, linear-constant.",
    ),
]
Group = Annotated[
    str | None, typer.Option("--group", metavar="COLUMN", help="The column of groups, for group-mean and -median.")
]
Screen = Annotated[
    float | None, typer.Option("--screen", metavar="SHARE", help="Keep units with at least this share of values.")
]
Treat = Annotated[
    str | None,
    typer.Option(
        "--treat", metavar="METHOD", help="Treat outliers: winsorise, log, log-by-skew, box-cox, log-gii, none."
    ),
]
Winmax = Annotated[
    int | None, typer.Option("--winmax", metavar="N", min=0, help="Winsorise at most so many values (5).")
]
Normalise = Annotated[
    str | None,
    typer.Option(
        "--normalise",
        metavar="METHOD",
        help="minmax, zscore, rank, borda, percentile-rank, distance-to-max, distance-to-reference, "
        "distance-to-target, fraction-of-max, goalposts, scaled, mpi, ampi, none.",
    ),
]
Bounds = Annotated[
    str | None,
    typer.Option("--range", metavar="LOW,HIGH", help="The range to normalise to; for zscore mean and deviation."),
]
Ties = Annotated[str | None, typer.Option("--ties", metavar="min|average", help="The rank of equal values (min).")]
Reference = Annotated[
    str | None, typer.Option("--reference", metavar="UNIT", help="The unit for distance-to-reference.")
]
Aggregate = Annotated[
    str | None,
    typer.Option(
        "--aggregate",
        metavar="METHOD[,METHOD...]",
        help="arithmetic, geometric, harmonic, generalised (or generalised:POWER), sum, product, copeland, mpi, ampi, "
        "mpi+, ampi+; "
        "one, or one per level from the bottom.",
    ),
]
Weights = Annotated[str | None, typer.Option("--weights", metavar="METHOD", help="framework, equal, pca, optimised.")]
MinCoverage = Annotated[
    str | None,
    typer.Option(
        "--min-coverage",
        metavar="SHARE[,SHARE...]",
        help="The least share of direct children with a value; one, or one per level from the bottom.",
    ),
]
Uncertainty = Annotated[
    int | None,
    typer.Option("--uncertainty", metavar="N", help="Score N draws again under other choices and samples."),
]
Only = Annotated[
    str | None,
    typer.Option("--only", metavar="TABLE[,TABLE...]", help="Make and write only these tables."),
]
Form = Annotated[str, typer.Option("--form", metavar="csv|parquet", help="How tables are written.")]
Plots = Annotated[bool, typer.Option("--plots", help="Draw pictures too, in a folder plots.")]
Boundaries = Annotated[
    Path | None,
    typer.Option("--boundaries", metavar="FILE", help="Areas of the units (GeoJSON, GeoPackage, .shp): maps in plots."),
]
Maps = Annotated[
    str | None, typer.Option("--map", metavar="CODE[,CODE...]", help="Draw the scores of these codes on the areas.")
]
Workbook = Annotated[bool, typer.Option("--workbook", help="Write all tables into one workbook too, results.xlsx.")]
Seed = Annotated[int | None, typer.Option("--seed", metavar="S", min=0, help="Of the draws (0).")]
Jobs = Annotated[int | None, typer.Option("--jobs", metavar="N", min=1, help="Processes for the draws (1).")]


OF_STEPS = (
    *("denominate", "impute", "screen", "treat", "winmax", "normalise", "range", "ties", "reference"),
    *("aggregate", "weights", "min_coverage"),
)
"""The options that say how to score, called as the ``defaults`` of a framework."""


def register(app: typer.Typer) -> None:
    """Add the command to an application."""
    app.command("score", help=HELP)(score)


def score(
    data: Data,
    framework: Framework,
    *,
    out: Out,
    missing: Missing = None,
    decimal: Decimal = None,
    denominate: Denominate = None,
    impute: Impute = None,
    group: Group = None,
    screen: Screen = None,
    treat: Treat = None,
    winmax: Winmax = None,
    normalise: Normalise = None,
    bounds: Bounds = None,
    ties: Ties = None,
    reference: Reference = None,
    aggregate: Aggregate = None,
    weights: Weights = None,
    min_coverage: MinCoverage = None,
    uncertainty: Uncertainty = None,
    seed: Seed = None,
    jobs: Jobs = None,
    only: Only = None,
    form: Form = "csv",
    plots: Plots = False,
    workbook: Workbook = False,
    boundaries: Boundaries = None,
    maps: Maps = None,
) -> None:
    """Score a table of indicators with a framework."""
    _score(**locals())


def _score(data: Path, framework: Path, out: Path, **options: Any) -> None:
    from resilience_analysis.composite.nested import DEFAULTS
    from resilience_analysis.composite.scoring import Products, run

    means = options["aggregate"]
    asked = {
        **options,
        "range": _numbers("--range", options["bounds"]),
        "aggregate": None if means is None else [name.strip() for name in means.split(",")],
        "min_coverage": _numbers("--min-coverage", options["min_coverage"]),
    }
    of_run = {name: options[name] for name in ("group", "seed", "jobs")}
    files = {name: options[name] for name in ("form", "plots", "workbook", "boundaries")}
    result = run(
        data,
        framework,
        out,
        asked={DEFAULTS[name]: asked[name] for name in OF_STEPS if asked[name] is not None},
        draws=options["uncertainty"],
        missing=[part.strip() for code in options["missing"] or () for part in code.split(",")],
        decimal=_mark(options["decimal"]),
        products=Products(_names(options["only"]), maps=_names(options["maps"]), **files),
        **of_run,
    )
    for sentence in result.notes:
        note(sentence)
    say(f"{result.units} rows scored with {result.indicators} indicators: {len(result.paths)} files in {out}")


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())


def _mark(text: str | None) -> str | None:
    if text is None or text in (".", ","):
        return text
    raise UsageError(f"--decimal {text!r} is not a decimal mark. Give . or ,")


def _numbers(option: str, text: str | None) -> list[float] | None:
    if text is None:
        return None
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise UsageError(f"{option} {text!r} is not a list of numbers. Write them with commas, such as 0,100") from None
