"""From raw tables to observations: a row per municipality of today, year and variable, and a reason for every gap."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from resilience_analysis.data.catalogue import Catalogue, Column, Source
from resilience_analysis.foundation.errors import Problem
from resilience_analysis.foundation.schemas import check_table
from resilience_analysis.geography.mergers import predecessors, successor

COLUMNS = ["nis_code", "year", "variable", "value", "missing_reason", "source"]


def observe(table: pd.DataFrame, source: Source, *, codes: list[str], mergers: pd.DataFrame) -> pd.DataFrame:
    """Bring one source to the municipalities of today.

    Counts of municipalities that merged are added up when all their parts are there; percentages and medians cannot be
    added up and become missing with the reason ``merged_area``.

    Parameters
    ----------
    table
        From `sources.table.read_table`.
    source
        What its columns are, and on which boundaries its rows stand.
    codes
        NIS codes of today.
    mergers
        From `geography.mergers.read_mergers`.

    Returns
    -------
    pandas.DataFrame
        Schema ``observations``: every code in every year that the source covers.
    """
    parts = _parts(sorted(table["year"].unique()), source, codes, mergers)
    cells = parts.merge(
        table, how="left", left_on=["part", "year"], right_on=["nis_code", "year"], indicator="found", validate="m:1"
    )
    cells = cells.drop(columns="nis_code_y").rename(columns={"nis_code_x": "nis_code"})
    cells["found"] = cells["found"] == "both"
    long = cells.melt(id_vars=["nis_code", "year", "part", "found"], var_name="variable")
    rows = long.groupby(["variable", "nis_code", "year"], sort=True).agg(
        value=("value", "sum"), filled=("value", "count"), parts=("part", "size"), found=("found", "all")
    )
    rows = _with_reasons(rows.reset_index(), source, born=set(mergers["new_nis_code"]))
    return check_table(rows[COLUMNS], "observations", subject=source.file)


def _parts(years: list[int], source: Source, codes: list[str], mergers: pd.DataFrame) -> pd.DataFrame:
    rows = [
        (code, year, part)
        for year in years
        for code, parts in predecessors(mergers, codes, year=_basis(source, year)).items()
        for part in parts
    ]
    return pd.DataFrame(rows, columns=["nis_code", "year", "part"])


def _basis(source: Source, year: int) -> int:
    return year if source.areas in {"by_year", None} else int(str(source.areas))


def _with_reasons(rows: pd.DataFrame, source: Source, *, born: set[str]) -> pd.DataFrame:
    columns = {name: source.column(name) or Column("count") for name in rows["variable"].unique()}
    several = rows["parts"] > 1
    unsummable = several & ~rows["variable"].map(lambda name: columns[name].additive)
    absence = {gap.nis_code: gap.reason for gap in source.gaps}
    if_absent = rows["nis_code"].map(lambda code: absence.get(code, "merged_area" if code in born else "unknown"))
    if_empty = rows["variable"].map(lambda name: columns[name].empty)
    reason = if_empty.where(rows["found"], if_absent).mask(unsummable, "merged_area")
    missing = unsummable | (rows["filled"] < rows["parts"])
    return rows.assign(
        value=rows["value"].mask(missing),
        missing_reason=reason.astype(object).where(missing, None),
        source=source.name,
    )


def code_problems(table: pd.DataFrame, source: Source, *, codes: list[str], mergers: pd.DataFrame) -> list[Problem]:
    """Return every code of a raw table that is not a municipality on the boundaries of its source, with its years."""
    known = _parts(sorted(table["year"].unique()), source, codes, mergers)
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
    """Return every variable that more than one source has: nobody could tell which figure was meant."""
    sources = observations.groupby("variable")["source"].unique()
    return [
        Problem(f"variable {name}", f"stands in {' and '.join(sorted(holders))}", "Rename one of the columns")
        for name, holders in sources.items()
        if len(holders) > 1
    ]


def plausibility_problems(observations: pd.DataFrame, catalogue: Catalogue) -> list[Problem]:
    """Return every figure that exceeds the one it is a part of, such as more households than inhabitants."""
    limits = _limits(catalogue)
    known = observations[observations["value"].notna()]
    figures = known.set_index(["variable", "nis_code", "year"])["value"]
    parts = known[known["variable"].isin(list(limits))]
    whole = pd.MultiIndex.from_arrays([parts["variable"].map(limits), parts["nis_code"], parts["year"]])
    parts = parts.assign(ceiling=figures.reindex(whole).to_numpy())
    beyond = parts[parts["value"] > parts["ceiling"]]
    columns = ["source", "nis_code", "year", "variable", "value", "ceiling"]
    return [
        Problem(
            f"{catalogue[source].file}, {code}, {year}, {variable}",
            f"{value:g} is more than the {ceiling:g} of {limits[variable]}",
            "Correct it in definitions/corrections.yml",
        )
        for source, code, year, variable, value, ceiling in beyond[columns].itertuples(index=False)
    ]


def _limits(catalogue: Catalogue) -> Mapping[str, str]:
    return {
        name: column.at_most
        for source in catalogue.values()
        for name, column in source.columns.items()
        if column.at_most is not None
    }


def join_report(observations: pd.DataFrame) -> pd.DataFrame:
    """Say how many municipalities each source covers.

    Returns
    -------
    pandas.DataFrame
        One row per source, variable and year: ``with_value``, ``missing`` and ``missing_reasons`` (such as
        ``merged_area 13``), of all municipalities.
    """

    def reasons(column: pd.Series) -> str:
        counts = column.value_counts()
        return ", ".join(f"{reason} {counts[reason]}" for reason in sorted(counts.index))

    grouped = observations.groupby(["source", "variable", "year"], sort=True)
    report = grouped.agg(
        municipalities=("nis_code", "size"),
        with_value=("value", "count"),
        missing_reasons=("missing_reason", reasons),
    ).reset_index()
    report.insert(5, "missing", report["municipalities"] - report["with_value"])
    return report
