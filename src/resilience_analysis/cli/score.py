"""The command ``resilience score``: composite indicators for anybody's table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from resilience_analysis.cli.output import note, say
from resilience_analysis.errors import UsageError

HELP = """Score a table of indicators with a framework.

DATA is a CSV or Excel file with one row per unit; the unit stands in the first of the columns uCode, unit, code, \
nis_code that is there, else in the first column. With a column Time or year and several rows per unit it is a panel.
FRAMEWORK is YAML, or a table in COINr's form (iMeta) or ours; see docs/composite.md.

Steps that are asked for are done in this order: denominate, impute, screen, treat, normalise, weights, aggregate. \
Nothing is done without being asked, but normalise (as the framework says, else minmax to 0..100) and aggregate (as \
the framework says, else arithmetic).
"""


def register(app: typer.Typer) -> None:
    """Add the command to an application."""
    app.command("score", help=HELP)(score)


def score(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="One row per unit, one column per indicator.")],
    framework: Annotated[Path, typer.Argument(metavar="FRAMEWORK", help="What each indicator is.")],
    *,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write the tables.")],
    denominate: Annotated[bool, typer.Option("--denominate", help="Divide by the denominators.")] = False,
    impute: Annotated[
        str | None,
        typer.Option(
            "--impute",
            metavar="METHOD",
            help="Fill missing values: mean, median, group-mean, group-median, unit-mean, unit-median; "
            "in a panel also latest, constant, linear, linear-constant.",
        ),
    ] = None,
    group: Annotated[
        str | None, typer.Option("--group", metavar="COLUMN", help="The column of groups, for group-mean and -median.")
    ] = None,
    screen: Annotated[
        float | None, typer.Option("--screen", metavar="SHARE", help="Keep units with at least this share of values.")
    ] = None,
    treat: Annotated[
        str | None,
        typer.Option("--treat", metavar="METHOD", help="Treat outliers: winsorise, log, log-by-skew, box-cox."),
    ] = None,
    winmax: Annotated[
        int | None, typer.Option("--winmax", metavar="N", help="Winsorise at most so many values (5).")
    ] = None,
    normalise: Annotated[
        str | None,
        typer.Option(
            "--normalise",
            metavar="METHOD",
            help="minmax, zscore, rank, borda, percentile-rank, distance-to-max, distance-to-reference, "
            "distance-to-target, fraction-of-max, goalposts, scaled, mpi, ampi, none.",
        ),
    ] = None,
    bounds: Annotated[
        str | None,
        typer.Option("--range", metavar="LOW,HIGH", help="The range to normalise to; for zscore mean and deviation."),
    ] = None,
    ties: Annotated[
        str | None, typer.Option("--ties", metavar="min|average", help="The rank of equal values (min).")
    ] = None,
    reference: Annotated[
        str | None, typer.Option("--reference", metavar="UNIT", help="The unit for distance-to-reference.")
    ] = None,
    aggregate: Annotated[
        str | None,
        typer.Option(
            "--aggregate",
            metavar="METHOD[,METHOD...]",
            help="arithmetic, geometric, harmonic, generalised (or generalised:POWER), copeland, mpi, ampi; "
            "one, or one per level from the bottom.",
        ),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option("--weights", metavar="METHOD", help="framework, equal, pca, optimised."),
    ] = None,
    min_coverage: Annotated[
        str | None,
        typer.Option(
            "--min-coverage",
            metavar="SHARE[,SHARE...]",
            help="The least share of direct children with a value; one, or one per level from the bottom.",
        ),
    ] = None,
    uncertainty: Annotated[
        int | None,
        typer.Option("--uncertainty", metavar="N", help="Score N draws again under other choices and samples."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Of the draws.")] = 0,
    jobs: Annotated[int, typer.Option("--jobs", metavar="N", help="Processes for the draws.")] = 1,
) -> None:
    """Score a table of indicators with a framework."""
    from resilience_analysis.scoring import run

    asked = {
        "denominate": denominate or None,
        "impute.method": impute,
        "screen.min_available": screen,
        "treat.method": treat,
        "treat.winmax": winmax,
        "normalise.method": normalise,
        "normalise.bounds": _numbers("--range", bounds),
        "normalise.ties": ties,
        "normalise.reference": reference,
        "aggregate.method": None if aggregate is None else [name.strip() for name in aggregate.split(",")],
        "weights.method": weights,
        "aggregate.min_coverage": _numbers("--min-coverage", min_coverage),
    }
    _check(asked, group)
    result = run.run(
        data,
        framework,
        out,
        asked={name: value for name, value in asked.items() if value is not None},
        group=group,
        draws=uncertainty,
        seed=seed,
        jobs=jobs,
    )
    for sentence in result.notes:
        note(sentence)
    say(f"{result.units} rows scored with {result.indicators} indicators: {len(result.paths)} files in {out}")


def _numbers(option: str, text: str | None) -> list[float] | None:
    if text is None:
        return None
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise UsageError(f"{option} {text!r} is no list of numbers. Write them with commas, such as 0,100") from None


def _check(asked: dict[str, Any], group: str | None) -> None:
    """Refuse options that do nothing without another one."""
    if asked["treat.winmax"] is not None and asked["treat.method"] is None:
        raise UsageError("--winmax limits winsorising. Give --treat winsorise too")
    if group is not None and not str(asked["impute.method"]).startswith("group-"):
        raise UsageError("--group names the groups for imputation. Give --impute group-mean or group-median too")
    if group is None and str(asked["impute.method"]).startswith("group-"):
        raise UsageError(f"--impute {asked['impute.method']} needs groups. Name their column with --group")
