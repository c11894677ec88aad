"""The figures of the project as tables: what there is, the values, and the places with their boundaries.

``language`` is that of the labels, the project's first when empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import geopandas as gpd
import pandas as pd

from resilience_analysis import composite
from resilience_analysis.analysis.selection import Several, listed, members_of, places_named, table_of, words
from resilience_analysis.foundation.errors import UsageError, unknown
from resilience_analysis.indicators.framework import Indicator
from resilience_analysis.indicators.scores import SCALE, metadata, wide
from resilience_analysis.indicators.values import CONTEXT
from resilience_analysis.notebook import load_dataset
from resilience_analysis.pages.subject import subject
from resilience_analysis.profiles.rows import indicator_rows

LATEST = "latest"
LEVELS = ("municipality", "village")


def indicators(*, language: str = "") -> pd.DataFrame:
    """Return what indicators there are.

    Parameters
    ----------
    language
        Of the labels; the project's first when empty.

    Returns
    -------
    pandas.DataFrame
        One row per indicator, indexed by ``code``: ``label``, ``factor`` (empty for context), ``strand``, ``unit``,
        ``direction`` (+1, -1; 0 for context), ``weight``, ``year`` (the latest), ``source`` and ``coverage`` (% of
        places with a value in that year).

    Examples
    --------
    >>> indicators(language="en").query("factor == 'Information'").index[0]
    'self_informatie'
    """
    dataset, texts = load_dataset(), words(language)
    framework, known = dataset.framework, dataset.values.notna().mean()
    rows = {}
    for code, entry in framework.entries.items():
        source, own = dataset.catalogue.get(entry.source), ("", CONTEXT, 0, 0.0)
        if isinstance(entry, Indicator):
            factor = texts.pick(framework.dimensions[entry.dimension].short)
            own = (factor, entry.strand, entry.direction, entry.weight)
        factor, strand, direction, weight = own
        rows[code] = {
            "label": texts.pick(entry.label), "factor": factor, "strand": strand, "unit": entry.unit,
            "direction": direction, "weight": weight, "year": dataset.years.get(code),
            "source": entry.source if source is None else texts.pick(source.publisher),
            "coverage": round(100 * float(known.get(code, 0.0)), 1),
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("code")


def data(
    codes: Several | None = None, *, region: str | None = None, years: str | int = LATEST, wide: bool = False,
    language: str = "",
) -> pd.DataFrame:  # fmt: skip
    """Return the values of indicators with what they are.

    Parameters
    ----------
    codes
        One code or several; all when not given.
    region
        A group of ``regions.yml``, or places separated by commas; every place when not given.
    years
        ``latest`` (per indicator), ``all``, or one year.
    wide
        A column per indicator instead of a row per value.

    Returns
    -------
    pandas.DataFrame
        Tidy: a row per place, indicator and year with ``code``, ``name``, ``indicator``, ``label``, ``factor``,
        ``strand``, ``year``, ``value``, ``unit``, ``low``, ``high`` (of the 95 % interval), ``n``, ``missing_reason``
        and ``source``. Wide: a row per place (indexed by code and name; by year too unless ``latest``), a column per
        indicator; ``attrs`` holds ``labels``, ``units`` and ``sources`` by indicator.

    Raises
    ------
    UsageError
        When a code or region is not known, with the nearest that is.

    Examples
    --------
    >>> data("ctx_population", region="neteland", wide=True).index.names
    FrozenList(['code', 'name'])
    """
    dataset, about = load_dataset(), indicators(language=language)
    wanted = list(about.index) if codes is None else listed(codes)
    faults = [unknown("indicator", code, about.index) for code in wanted if code not in about.index]
    if faults:
        raise UsageError("\n".join(faults))
    places = list(dataset.names.index) if region is None else members_of(region)
    rows = _of_years(years)
    rows = rows[rows["indicator"].isin(wanted) & rows["nis_code"].isin(places)]
    rows = rows.merge(about[["label", "factor", "source"]], left_on="indicator", right_index=True, validate="m:1")
    rows = rows.assign(name=rows["nis_code"].map(dataset.names)).rename(columns={"nis_code": "code"})
    tidy = rows.sort_values(["indicator", "code", "year"], ignore_index=True)[_TIDY]
    return _spread(tidy, about.loc[wanted], years) if wide else tidy


_TIDY = [
    "code", "name", "indicator", "label", "factor", "strand", "year", "value", "unit", "low", "high", "n",
    "missing_reason", "source",
]  # fmt: skip


def _of_years(years: str | int) -> pd.DataFrame:
    dataset = load_dataset()
    if years == LATEST:
        return dataset.latest.reset_index()
    rows = dataset.tables.indicators
    if years == "all":
        return rows
    if not isinstance(years, int) or years not in set(rows["year"]):
        known = f"{rows['year'].min()} to {rows['year'].max()}"
        raise UsageError(f"years is {years!r}: give 'latest', 'all' or a year of {known}")
    return rows[rows["year"] == years]


def _spread(tidy: pd.DataFrame, about: pd.DataFrame, years: str | int) -> pd.DataFrame:
    keys = ["code", "name"] if years == LATEST else ["code", "name", "year"]
    table = tidy.pivot(index=keys, columns="indicator", values="value").reindex(columns=about.index)
    table.columns.name = None
    table.attrs = {name: about[column].to_dict() for name, column in _ATTRIBUTES.items()}
    return table


_ATTRIBUTES = {"labels": "label", "units": "unit", "sources": "source"}


def places() -> gpd.GeoDataFrame:
    """Return every place with its groupings, size and boundary.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per place, indexed by ``nis_code``, in the project's reference system; ready for ``.explore()``.

    Examples
    --------
    >>> places().loc["13029", "name"]
    'Olen'
    """
    dataset = load_dataset()
    shapes = dataset.boundaries.set_index("nis_code").geometry
    return gpd.GeoDataFrame(dataset.municipalities.join(shapes, validate="1:1"), geometry="geometry", crs=shapes.crs)


def boundaries(level: str = "municipality") -> gpd.GeoDataFrame:
    """Return boundaries of municipalities or villages.

    Parameters
    ----------
    level
        ``municipality`` or ``village``.

    Returns
    -------
    geopandas.GeoDataFrame
        One row per area, in the project's reference system.

    Raises
    ------
    UsageError
        When `level` is neither ``municipality`` nor ``village``.

    Examples
    --------
    >>> boundaries("village").query("nis_code == '13011'")["name"].tolist()
    ['Herentals', 'Noorderwijk', 'Morkhoven']
    """
    if level not in LEVELS:
        raise UsageError(unknown("level", level, LEVELS))
    dataset = load_dataset()
    return (dataset.boundaries if level == LEVELS[0] else dataset.villages).copy()


def compare(places: str | Iterable[str] = "", codes: Several | None = None, *, language: str = "") -> pd.DataFrame:
    """Put places side by side.

    Parameters
    ----------
    places
        A region, or one name or code or several; the project's region when empty.
    codes
        Indicators or scores; the score of every factor and strand when not given.
    language
        Of the labels; the project's first when empty.

    Returns
    -------
    pandas.DataFrame
        One row per indicator (``label``, ``unit``), one column per place (by name) and, last, the median of all places.

    Examples
    --------
    >>> compare(["Olen", "Herentals"], "ctx_population", language="en").columns.tolist()
    ['Olen', 'Herentals', 'median municipality of Flanders']
    """
    dataset, texts = load_dataset(), words(language)
    members = places_named(places or dataset.project.settings.region)
    if codes is None:
        known = dataset.scores["score"].notna().any()
        codes = [f"{code}.{strand}" for code, strand in known[known].index if code in dataset.framework.dimensions]
    rows = {}
    for shown in table_of(codes, language).values():
        own = {str(dataset.names[code]): shown.values[code] for code in members}
        rows[shown.label, shown.unit] = {**own, texts("legend.median"): shown.values.median()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(index=["label", "unit"])


def indicator_table(codes: Sequence[str], *, region: str = "") -> pd.DataFrame:
    """Return the latest values of some indicators for the municipalities of a region.

    Parameters
    ----------
    codes
        Indicators.
    region
        A group, or places separated by commas; the project's region when empty.

    Returns
    -------
    pandas.DataFrame
        One row per municipality (indexed by name), one column per indicator, in the indicator's unit.

    Examples
    --------
    >>> indicator_table(["ctx_density"]).index.tolist()
    ['Grobbendonk', 'Herentals', 'Herenthout', 'Olen', 'Vorselaar']
    """
    dataset = load_dataset()
    members = members_of(region)
    return dataset.values.loc[members, list(codes)].set_axis(pd.Index(dataset.names[members], name="name"))


def spine_table(municipality: str, dimension: str, *, comparator: str = "") -> pd.DataFrame:
    """Return the spine table of one factor as numbers.

    Parameters
    ----------
    municipality
        NIS code or name.
    dimension
        A factor.
    comparator
        What to compare it with, as in `profile`.

    Returns
    -------
    pandas.DataFrame
        One row per indicator: year, value, low, high, group_median, all_q1, all_median, all_q3, share_below.

    Examples
    --------
    >>> spine_table("Olen", "informatie").loc["inf_activities", "year"]
    np.int64(2023)
    """
    about = subject(load_dataset(), municipality, group=comparator)
    codes = [indicator.id for indicator in about.data.framework.of(dimension)]
    columns = ["year", "value", "low", "high", "group_median", "all_q1", "all_median", "all_q3", "share_below"]
    return indicator_rows(about.data, about.nis_code, about.group, codes)[columns]


def step_by_step(municipality: str, dimension: str, strand: str = "residents") -> pd.DataFrame:
    """Follow one factor score of one municipality from its raw values.

    Parameters
    ----------
    municipality
        NIS code or name.
    dimension, strand
        The factor and the side from which it is seen.

    Returns
    -------
    pandas.DataFrame
        One row per indicator: ``value``, ``goalpost_lower``, ``goalpost_upper``, ``direction``, ``score`` (0-100),
        ``share`` (of the weights, over what is there) and ``contribution``; contributions add up to the factor score.

    Examples
    --------
    >>> rows = step_by_step("Olen", "informatie")
    >>> score = compare("Olen", "informatie.residents")["Olen"].iloc[0]
    >>> bool(abs(rows["contribution"].sum() - score) < 1e-9)
    True
    """
    dataset = load_dataset()
    about = subject(dataset, municipality)
    framework, table = dataset.framework, metadata(dataset.framework)
    values = wide(dataset.tables.indicators, framework)
    normalised = composite.normalise(values, metadata=table, method=framework.scoring.normalise, bounds=SCALE)
    rows = composite.trace(
        {"value": values, "score": normalised}, metadata=table, unit=about.nis_code, code=f"{dimension}.{strand}",
        method=framework.scoring.aggregate, min_coverage=framework.scoring.min_coverage,
    )  # fmt: skip
    posts = table.loc[rows.index, ["goalpost_lower", "goalpost_upper", "direction"]]
    return rows[["value"]].join(posts).join(rows[["score", "share", "contribution"]])
