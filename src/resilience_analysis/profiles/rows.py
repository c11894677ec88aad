"""The rows of a profile: indicators, factors, context and gaps of one municipality beside its comparators."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from resilience_analysis.foundation.schemas import STRANDS
from resilience_analysis.indicators.framework import Context, Framework, Indicator
from resilience_analysis.profiles.comparator import Comparator, without
from resilience_analysis.profiles.dataset import Atlas
from resilience_analysis.self_assessment.roles import COLUMNS, between_roles

LEAST_REFERENCE = 30  # fewer municipalities do not stand for Flanders
LEAST_GROUP = 3  # fewer have no middle, and a median of one would be that one's own figure


def indicator_rows(atlas: Atlas, nis_code: str, group: Comparator, codes: list[str]) -> pd.DataFrame:
    """Return one row per indicator.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``indicator``: ``year``, ``n``, ``value``, ``low``, ``high``, ``computed``, ``missing_reason``,
        ``group_*`` and ``all_*`` (n, min, p05, q1, median, q3, p95, max of the others in the comparator group and
        of all municipalities; missing where too few have a value, see `LEAST_GROUP` and `LEAST_REFERENCE`),
        ``share_below`` and ``share_above`` (0-1, shares of the other municipalities with a value that lie below and
        above; the rest has the same value).
    """
    group = without(group, nis_code)
    index = pd.Index(codes, name="indicator")
    columns = ("n", "value", "low", "high", "computed", "missing_reason")
    own = {column: atlas.column(column).loc[nis_code].reindex(index) for column in columns}
    rows = pd.concat(
        [
            pd.DataFrame({"year": [atlas.years[code] for code in codes], **own}, index=index),
            atlas.spread(group.codes, least=_least_group(group)).loc[codes].add_prefix("group_"),
            atlas.spread(atlas.everywhere, least=LEAST_REFERENCE).loc[codes].add_prefix("all_"),
        ],
        axis=1,
    )
    values, value = atlas.values[codes].to_numpy(), rows["value"].to_numpy(dtype=float)
    others = (rows["all_n"] - 1).to_numpy(dtype=float)
    known = rows["value"].notna().to_numpy() & (rows["all_n"] >= LEAST_REFERENCE).to_numpy()
    divisor = np.where(known & (others > 0), others, np.nan)
    for side, lie in (("below", values < value), ("above", values > value)):
        rows[f"share_{side}"] = lie.sum(axis=0) / divisor
    return rows


def _least_group(group: Comparator) -> int:
    return max(1, min(LEAST_GROUP, len(group.codes)))


def factor_rows(atlas: Atlas, nis_code: str, group: Comparator) -> pd.DataFrame:
    """Return one row per dimension and strand, in the framework's order.

    Returns
    -------
    pandas.DataFrame
        Columns ``dimension``, ``strand``, ``score``, ``low``, ``high``, ``coverage``, ``missing_reason``,
        ``indicators`` (how many the framework has), ``group_*`` and ``all_*`` as in `indicator_rows`.
    """
    group = without(group, nis_code)
    keys = [(dimension, strand) for dimension in atlas.framework.dimensions for strand in STRANDS]
    index = pd.MultiIndex.from_tuples(keys, names=["dimension", "strand"])
    rows = pd.DataFrame(index=index)
    for column in ("score", "low", "high", "coverage", "missing_reason"):
        rows[column] = atlas.scores[column].loc[nis_code].reindex(index).to_numpy()
    rows["indicators"] = [len(atlas.framework.of(*key)) for key in keys]
    near = atlas.score_spread(group.codes, least=_least_group(group)).loc[keys].add_prefix("group_")
    everywhere = atlas.score_spread(atlas.everywhere, least=LEAST_REFERENCE).loc[keys].add_prefix("all_")
    for table in (near, everywhere):
        rows[table.columns] = table.to_numpy()
    return rows.reset_index()


def context_rows(atlas: Atlas, nis_code: str, group: Comparator) -> pd.DataFrame:
    """Return one row per context indicator, as `indicator_rows`."""
    return indicator_rows(atlas, nis_code, group, list(atlas.framework.context))


def role_rows(atlas: Atlas, nis_code: str) -> pd.DataFrame:
    """Compare two roles that answered the same statements in the last wave, in the order of the factors.

    Returns
    -------
    pandas.DataFrame
        As `between_roles`, with ``clear`` (the interval of the gap leaves out zero); empty without two roles to
        compare.
    """
    table, roles = atlas.tables.estimates, atlas.framework.compared_roles
    own = table[table["nis_code"] == nis_code]
    if own.empty or not roles:
        return pd.DataFrame(columns=[*COLUMNS, "clear"])
    rows = between_roles(own[own["wave"] == own["wave"].max()], *roles)
    order = rows["code"].map({code: place for place, code in enumerate(atlas.framework.dimensions)})
    rows = rows.loc[order.dropna().sort_values(kind="stable").index]
    return rows.assign(clear=(rows["low"] > 0) | (rows["high"] < 0)).reset_index(drop=True)


def gap_rows(atlas: Atlas, nis_code: str) -> pd.DataFrame:
    """Return everything that is not known about a municipality.

    Returns
    -------
    pandas.DataFrame
        One row per gap: ``code``, ``dimension`` (empty for context), ``strand``, ``year`` (missing for what nobody has
        collected anywhere), ``missing_reason``, ``wanted`` (true for indicators that have no data for anybody).
    """
    everything = [*atlas.framework.indicators, *atlas.framework.context]
    reasons = atlas.column("missing_reason").loc[nis_code].reindex(everything).dropna()
    rows = [_gap(atlas.framework, str(code), str(reason), atlas.years) for code, reason in reasons.items()]
    rows += [
        {"code": c.id, "dimension": c.dimension, "strand": c.strand, "missing_reason": "not_collected", "wanted": True}
        for c in atlas.framework.candidates.values()
    ]
    table = pd.DataFrame(rows, columns=["code", "dimension", "strand", "year", "missing_reason", "wanted"])
    order = {dimension: place for place, dimension in enumerate(atlas.framework.dimensions)}
    place = table["dimension"].map(order).fillna(len(order))
    return table.assign(place=place).sort_values(["wanted", "place"], kind="stable").drop(columns="place")


def _gap(framework: Framework, code: str, reason: str, years: Mapping[str, int]) -> dict[str, object]:
    entry: Indicator | Context = framework.indicators.get(code) or framework.context[code]
    dimension, strand = ("", "context") if isinstance(entry, Context) else (entry.dimension, entry.strand)
    collected = reason != "not_collected"
    return {
        "code": code,
        "dimension": dimension,
        "strand": strand,
        "year": years[code] if collected else None,
        "missing_reason": reason,
        "wanted": False,
    }
