"""Single tables for an analyst's notebook: one line each, DataFrames back."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from resilience_analysis import composite
from resilience_analysis.indicators.scores import SCALE, metadata, wide
from resilience_analysis.notebook import load_dataset
from resilience_analysis.pages.subject import subject
from resilience_analysis.profiles.comparator import comparator
from resilience_analysis.profiles.rows import indicator_rows


def indicator_table(codes: Sequence[str], *, region: str = "") -> pd.DataFrame:
    """Return the latest values of some indicators for the municipalities of a region.

    Returns
    -------
    pandas.DataFrame
        One row per municipality (indexed by name), one column per indicator, in the indicator's unit.
    """
    dataset = load_dataset()
    members = list(comparator(dataset, region or dataset.project.settings.region).codes)
    return dataset.values.loc[members, list(codes)].set_axis(pd.Index(dataset.names[members], name="name"))


def spine_table(municipality: str, dimension: str, *, comparator: str = "") -> pd.DataFrame:
    """Return the spine table of one factor as numbers.

    Returns
    -------
    pandas.DataFrame
        One row per indicator: year, value, low, high, group_median, all_q1, all_median, all_q3, share_below.
    """
    about = subject(load_dataset(), municipality, group=comparator)
    codes = [indicator.id for indicator in about.data.framework.of(dimension)]
    columns = ["year", "value", "low", "high", "group_median", "all_q1", "all_median", "all_q3", "share_below"]
    return indicator_rows(about.data, about.nis_code, about.group, codes)[columns]


def step_by_step(municipality: str, dimension: str, strand: str = "residents") -> pd.DataFrame:
    """Follow one factor score of one municipality from its raw values.

    Returns
    -------
    pandas.DataFrame
        One row per indicator: ``value``, ``goalpost_lower``, ``goalpost_upper``, ``direction``, ``score`` (0-100),
        ``share`` (of the weights, over what is there) and ``contribution``; contributions add up to the factor score.
    """
    dataset = load_dataset()
    about = subject(dataset, municipality)
    framework, table = dataset.framework, metadata(dataset.framework)
    values = wide(dataset.tables.indicators, framework)
    normalised = composite.normalise(values, metadata=table, method=framework.scoring.normalise, bounds=SCALE)
    rows = composite.trace(
        {"value": values, "score": normalised},
        metadata=table,
        unit=about.nis_code,
        code=f"{dimension}.{strand}",
        method=framework.scoring.aggregate,
        min_coverage=framework.scoring.min_coverage,
    )
    posts = table.loc[rows.index, ["goalpost_lower", "goalpost_upper", "direction"]]
    return rows[["value"]].join(posts).join(rows[["score", "share", "contribution"]])
