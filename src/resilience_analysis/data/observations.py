"""From raw tables to observations: a row per municipality of today, year and variable, and a reason for every gap."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from resilience_analysis.data.catalogue import Catalogue, Column, Source
from resilience_analysis.data.processed import check_table
from resilience_analysis.data.read_table import Correction, published_problems, read_table
from resilience_analysis.foundation.errors import Faults, Problem, raise_if_any
from resilience_analysis.geography.municipalities import predecessors, successor

COLUMNS = ["nis_code", "year", "variable", "value", "n", "computed", "missing_reason", "source"]
_KEY = ["variable", "nis_code", "year"]


def read_tables(
    folder: Path, catalogue: Catalogue, corrections: Sequence[Correction], *, codes: str, places: Mapping[str, str]
) -> dict[str, pd.DataFrame]:
    """Read the table of every source that has one, corrected.

    Parameters
    ----------
    codes
        The pattern that the whole code of a place matches.
    places
        The code of every code and folded name of a municipality, of today or before.

    Returns
    -------
    dict
        By source, a row per municipality and year as `read_table` gives it.

    Raises
    ------
    InputError
        With the faults of all tables, figures that differ from those the publisher printed among them.
    """
    faults = Faults()
    tables = {}
    for source in (source for source in catalogue.values() if source.format == "table"):
        table = faults.during(
            partial(read_table, folder / source.file, source, corrections, codes=codes, places=places)
        )
        if table is not None:
            faults.problems += published_problems(table, source)
            tables[source.name] = table
    raise_if_any("raw data", faults.problems)
    return tables


def read_observations(
    tables: Mapping[str, pd.DataFrame],
    catalogue: Catalogue,
    *,
    codes: list[str],
    mergers: pd.DataFrame,
) -> pd.DataFrame:
    """Bring every table to the municipalities of today.

    Parameters
    ----------
    tables
        From `read_tables`.
    codes
        The municipalities of today.
    mergers
        One row per code that ended or grew, from `municipalities.read_mergers`.

    Returns
    -------
    pandas.DataFrame
        Schema ``observations``: one row per municipality of today, year and variable, in order of variable, code and
        year; ``value`` is in the unit of its variable, and missing with a reason.

    Raises
    ------
    InputError
        With every code that is not a municipality on the boundaries of its source, variable of several sources, and
        figure that exceeds the one it is a part of.
    """
    read = [(table, catalogue[name]) for name, table in tables.items()]
    faults = (code_problems(table, source, codes=codes, mergers=mergers) for table, source in read)
    raise_if_any("raw data", [problem for found in faults for problem in found])
    observed = partial(observe, codes=codes, mergers=mergers)
    frames = [observed(table, source, inhabitants=_inhabitants(tables, source)) for table, source in read]
    observations = pd.concat(frames, ignore_index=True)
    observations = observations.sort_values(["variable", "nis_code", "year"], ignore_index=True)
    raise_if_any("raw data", overlap_problems(observations))
    raise_if_any("raw data", plausibility_problems(observations, catalogue))
    return observations


def _inhabitants(tables: Mapping[str, pd.DataFrame], source: Source) -> pd.Series | None:
    """Return the variable that a source names for its inhabitants, by (NIS code of then, year)."""
    name = source.inhabitants
    holder = next((table for table in tables.values() if name in table), None)
    return None if name is None or holder is None else holder.set_index(["nis_code", "year"])[name]


def observe(
    table: pd.DataFrame,
    source: Source,
    *,
    codes: list[str],
    mergers: pd.DataFrame,
    inhabitants: pd.Series | None = None,
) -> pd.DataFrame:
    """Bring one source to the municipalities of today, on the boundaries that its rows follow.

    Where all the municipalities that merged into one have a figure, counts are added up, and percentages of a source
    that names its variable of inhabitants are averaged with those weights. Other percentages, and medians, become
    missing with the reason ``merged_area``.

    Parameters
    ----------
    table, mergers
        From `read_table` and `municipalities.read_mergers`.
    inhabitants
        Inhabitants by (NIS code of then, year); weights of percentages and measure of the sample sizes to assume.

    Returns
    -------
    pandas.DataFrame
        Schema ``observations``: every code in every year that the source covers. ``n`` is the number of answers behind
        a percentage, published or assumed; of a weighted mean it is the effective number (Kish 1965, Survey Sampling,
        8.1). ``computed`` says what was made here from parts: ``sum`` or ``weighted_mean``.
    """
    parts = boundary_codes(sorted(table["year"].unique()), source, codes, mergers)
    parts = parts.assign(**_sizes(parts, source, inhabitants))
    cells = parts.merge(
        table, how="left", left_on=["part", "year"], right_on=["nis_code", "year"], indicator="found", validate="m:1"
    )
    cells = cells.drop(columns="nis_code_y").rename(columns={"nis_code_x": "nis_code"})
    cells["found"] = cells["found"] == "both"
    long = cells.melt(id_vars=["nis_code", "year", "part", "weight", "answers", "found"], var_name="variable")
    long["weighted"], long["variance"] = long["value"] * long["weight"], long["weight"] ** 2 / long["answers"]
    rows = long.groupby(_KEY, sort=True).agg(
        value=("value", "sum"),
        weighted=("weighted", "sum"),
        weight=("weight", "sum"),
        weighed=("weight", "count"),
        variance=("variance", "sum"),
        filled=("value", "count"),
        parts=("part", "size"),
        found=("found", "all"),
    )
    rows["weight"] = rows["weight"].where(rows["weighed"] == rows["parts"])
    rows = _with_reasons(_combined(rows.reset_index(), source), source)
    return check_table(rows[COLUMNS], "observations", subject=source.file)


def _sizes(parts: pd.DataFrame, source: Source, inhabitants: pd.Series | None) -> dict[str, pd.Series]:
    """Return the weight of every part (its inhabitants) and its number of answers, where they are known."""
    gap = pd.Series(np.nan, index=parts.index)
    keys = pd.MultiIndex.from_frame(parts[["part", "year"]])
    weight = gap if inhabitants is None else pd.Series(inhabitants.reindex(keys).to_numpy(), index=parts.index)
    if source.sampling is None:
        return {"weight": weight, "answers": gap}
    sizes = [source.sampling.size(part, size) for part, size in zip(parts["part"], weight, strict=True)]
    alone = ~parts.duplicated(["nis_code", "year"], keep=False)
    return {"weight": weight.mask(alone, 1.0), "answers": pd.Series(sizes, index=parts.index)}


def _combined(rows: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Put the weighted mean of percentages in the place of their sum, and say what was computed."""
    several, weighted = rows["parts"] > 1, _of_each(rows["variable"], source.combines)
    additive = _of_each(rows["variable"], lambda name: (source.column(name) or Column("count")).additive)
    computed = pd.Series(None, index=rows.index, dtype=object)
    return rows.assign(
        value=rows["value"].mask(several & weighted, rows["weighted"] / rows["weight"]),
        n=(rows["weight"] ** 2 / rows["variance"]).where(rows["variance"] > 0),
        computed=computed.mask(several & additive, "sum").mask(several & weighted, "weighted_mean"),
        unsummable=several & ~additive & ~weighted,
    )


def _of_each(names: pd.Series, tell: Callable[[str], Any]) -> pd.Series:
    """Return what is told of each name, asked once for a name and not once for a row."""
    return names.map({name: tell(name) for name in names.unique()})


def boundary_codes(years: list[int], source: Source, codes: list[str], mergers: pd.DataFrame) -> pd.DataFrame:
    """Return the codes that a source has on its boundaries: a row per municipality of today, year and part of it."""
    bases = {year: _basis(source, year) for year in years}
    made_of = {basis: predecessors(mergers, codes, year=basis) for basis in set(bases.values())}
    rows = [
        (code, year, part) for year, basis in bases.items() for code, parts in made_of[basis].items() for part in parts
    ]
    return pd.DataFrame(rows, columns=["nis_code", "year", "part"])


def _basis(source: Source, year: int) -> int:
    return year if source.areas in {"by_year", None} else int(str(source.areas))


def _with_reasons(rows: pd.DataFrame, source: Source) -> pd.DataFrame:
    stated = rows["nis_code"].map({gap.nis_code: gap.reason for gap in source.gaps})
    if_empty = _of_each(rows["variable"], lambda name: (source.column(name) or Column("count")).empty)
    reason = if_empty.where(rows["found"], "not_in_source").mask(rows["unsummable"], "merged_area")
    reason = reason.mask(stated.notna(), stated)
    missing = rows["unsummable"] | rows["value"].isna() | (rows["filled"] < rows["parts"])
    return rows.assign(
        value=rows["value"].mask(missing),
        n=rows["n"].mask(missing),
        computed=rows["computed"].mask(missing, None),
        missing_reason=reason.astype(object).where(missing, None),
        source=source.name,
    )


def code_problems(table: pd.DataFrame, source: Source, *, codes: list[str], mergers: pd.DataFrame) -> list[Problem]:
    """Return every code of a raw table that is not a municipality on the boundaries of its source, with its years."""
    known = boundary_codes(sorted(table["year"].unique()), source, codes, mergers)
    keys = pd.MultiIndex.from_frame(known[["part", "year"]])
    strangers = table.loc[~pd.MultiIndex.from_frame(table[["nis_code", "year"]]).isin(keys), ["nis_code", "year"]]
    problems = []
    for code, years in strangers.groupby("nis_code", sort=False)["year"]:
        merged = successor(mergers, str(code))
        remedy = (
            "" if merged is None else f"It merged on {merged[1]} into {merged[0]}: state other areas in sources.yml"
        )
        what = f"{code} is not a municipality on the boundaries of {_span([_basis(source, year) for year in years])}"
        problems.append(Problem(f"{source.file}, {_span(years)}", what, remedy))
    return problems


def _span(years: Collection[int] | pd.Series) -> str:
    first, last = min(years), max(years)
    return str(first) if first == last else f"{first}-{last}"


def overlap_problems(observations: pd.DataFrame) -> list[Problem]:
    """Return every variable that more than one source has, so that it is not clear which figure is meant."""
    sources = observations.groupby("variable")["source"].unique()
    return [
        Problem(f"variable {name}", f"is in {' and '.join(sorted(holders))}", "Rename one of the columns")
        for name, holders in sources.items()
        if len(holders) > 1
    ]


def plausibility_problems(observations: pd.DataFrame, catalogue: Catalogue) -> list[Problem]:
    """Return every figure that exceeds the one it is a part of, such as more households than inhabitants."""
    columns = [entry for source in catalogue.values() for entry in source.columns.items()]
    limits = {name: column.at_most for name, column in columns if column.at_most is not None}
    known = observations[observations["value"].notna()]
    figures = known.set_index(["variable", "nis_code", "year"])["value"]
    parts = known[known["variable"].isin(list(limits))]
    whole = pd.MultiIndex.from_arrays([parts["variable"].map(limits), parts["nis_code"], parts["year"]])
    parts = parts.assign(ceiling=figures.reindex(whole).to_numpy())
    beyond = parts[parts["value"] > parts["ceiling"]]
    cells = beyond[["source", "nis_code", "year", "variable", "value", "ceiling"]]
    return [
        Problem(
            f"{catalogue[source].file}, {code}, {year}, {variable}",
            f"{value:g} is more than the {ceiling:g} of {limits[variable]}",
            "Correct it in definitions/corrections.yml",
        )
        for source, code, year, variable, value, ceiling in cells.itertuples(index=False)
    ]


def join_report(observations: pd.DataFrame) -> pd.DataFrame:
    """Return how many municipalities each source covers.

    Returns
    -------
    pandas.DataFrame
        One row per source, variable and year: ``with_value``, ``missing`` and ``missing_reasons`` (such as
        ``merged_area 13``), of all municipalities.
    """
    keys = ["source", "variable", "year"]
    report = observations.groupby(keys).agg(municipalities=("nis_code", "size"), with_value=("value", "count"))
    counts = observations.groupby([*keys, "missing_reason"]).size().reset_index(name="count")
    texts = (counts["missing_reason"] + " " + counts["count"].astype(str)).groupby([counts[key] for key in keys])
    report["missing"] = report["municipalities"] - report["with_value"]
    report["missing_reasons"] = texts.agg(", ".join).astype(object).reindex(report.index).fillna("")
    return report.reset_index()
