"""The command ``resilience score``: composite indicators for any table."""

from __future__ import annotations

from inspect import Parameter, Signature
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


def _option(letters: str, text: str, **more: Any) -> Any:
    return typer.Option(metavar=letters, help=text, **more)


OPTIONS: dict[str, Any] = {
    "data": Annotated[Path, typer.Argument(metavar="DATA", help="One row per unit, one column per indicator.")],
    "framework": Annotated[Path, typer.Argument(metavar="FRAMEWORK", help="What each indicator is.")],
    "out": Annotated[Path, _option("DIR", "Where to write the tables.")],
    "missing": Annotated[
        list[str] | None, _option("CODE", "A number that means a missing value, such as -999; may be repeated.")
    ],
    "decimal": Annotated[str | None, _option("MARK", "The decimal mark of the data, . or , (found by itself).")],
    "denominate": Annotated[
        bool | None,
        typer.Option("--denominate/--no-denominate", help="Divide by the denominators (as the framework says)."),
    ],
    "impute": Annotated[
        str | None,
        _option(
            "METHOD",
            "Fill missing values: mean, median, group-mean, group-median, unit-mean, unit-median; "
            "in a panel also latest, constant, linear, linear-constant.",
        ),
    ],
    "group": Annotated[str | None, _option("COLUMN", "The column of groups, for group-mean and -median.")],
    "screen": Annotated[float | None, _option("SHARE", "Keep units with at least this share of values.")],
    "treat": Annotated[
        str | None, _option("METHOD", "Treat outliers: winsorise, log, log-by-skew, box-cox, log-gii, none.")
    ],
    "winmax": Annotated[int | None, _option("N", "Winsorise at most so many values (5).", min=0)],
    "normalise": Annotated[
        str | None,
        _option(
            "METHOD",
            "minmax, zscore, rank, borda, percentile-rank, distance-to-max, distance-to-reference, "
            "distance-to-target, fraction-of-max, goalposts, scaled, mpi, ampi, none.",
        ),
    ],
    "range_": Annotated[
        str | None,
        typer.Option("--range", metavar="LOW,HIGH", help="The range to normalise to; for zscore mean and deviation."),
    ],
    "ties": Annotated[str | None, _option("min|average", "The rank of equal values (min).")],
    "reference": Annotated[str | None, _option("UNIT", "The unit for distance-to-reference.")],
    "aggregate": Annotated[
        str | None,
        _option(
            "METHOD[,METHOD...]",
            "arithmetic, geometric, harmonic, generalised (or generalised:POWER), sum, product, copeland, mpi, ampi, "
            "mpi+, ampi+; one, or one per level from the bottom.",
        ),
    ],
    "weights": Annotated[str | None, _option("METHOD", "framework, equal, pca, optimised.")],
    "min_coverage": Annotated[
        str | None,
        _option(
            "SHARE[,SHARE...]",
            "The least share of direct children with a value; one, or one per level from the bottom.",
        ),
    ],
    "uncertainty": Annotated[int | None, _option("N", "Score N draws again under other choices and samples.")],
    "seed": Annotated[int | None, _option("S", "Of the draws (0).", min=0)],
    "jobs": Annotated[int | None, _option("N", "Processes for the draws (1).", min=1)],
    "only": Annotated[str | None, _option("TABLE[,TABLE...]", "Make and write only these tables.")],
    "form": Annotated[str, _option("csv|parquet", "How tables are written.")],
    "plots": Annotated[bool, typer.Option("--plots", help="Draw pictures too, in a folder plots.")],
    "workbook": Annotated[
        bool, typer.Option("--workbook", help="Write all tables into one workbook too, results.xlsx.")
    ],
    "boundaries": Annotated[
        Path | None, _option("FILE", "Areas of the units (GeoJSON, GeoPackage, .shp): maps in plots.")
    ],
    "map_": Annotated[
        str | None,
        typer.Option("--map", metavar="CODE[,CODE...]", help="Draw the scores of these codes on the areas."),
    ],
}
"""The parameters of the command, by name: their type, and how they are written and told."""
REQUIRED = ("data", "framework", "out")
USUAL = {"form": "csv", "plots": False, "workbook": False}
"""What is not None when it is not given."""


def register(app: typer.Typer) -> None:
    """Add the command to an application."""

    def score(**given: Any) -> None:
        _score(**given)

    signature = [
        Parameter(name, Parameter.KEYWORD_ONLY, annotation=kind)
        if name in REQUIRED
        else Parameter(name, Parameter.KEYWORD_ONLY, annotation=kind, default=USUAL.get(name))
        for name, kind in OPTIONS.items()
    ]
    score.__signature__ = Signature(signature)  # type: ignore[attr-defined]
    app.command("score", help=HELP)(score)


def _score(data: Path, framework: Path, out: Path, **options: Any) -> None:
    from resilience_analysis.composite.arrays import counted
    from resilience_analysis.composite.nested import DEFAULTS
    from resilience_analysis.composite.scoring import Products, run

    means = options["aggregate"]
    asked = {
        **options,
        "range": _numbers("--range", options["range_"]),
        "aggregate": None if means is None else [name.strip() for name in means.split(",")],
        "min_coverage": _numbers("--min-coverage", options["min_coverage"]),
    }
    of_run = {name: options[name] for name in ("group", "seed", "jobs")}
    written = {name: options[name] for name in ("form", "plots", "workbook", "boundaries")}
    result = run(
        data,
        framework,
        out,
        asked={
            setting: asked[name]
            for name, setting in DEFAULTS.items()
            if name != "group" and asked.get(name) is not None
        },
        draws=options["uncertainty"],
        missing=[part.strip() for code in options["missing"] or () for part in code.split(",")],
        decimal=_mark(options["decimal"]),
        products=Products(_names(options["only"]), maps=_names(options["map_"]), **written),
        **of_run,
    )
    for sentence in result.notes:
        note(sentence)
    rows, files = counted(result.units, "row"), counted(len(result.paths), "file")
    say(f"{rows} scored with {counted(result.indicators, 'indicator')}: {files} in {out}")


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
