"""Single charts, maps and tables for an analyst's notebook: one line each, Axes or DataFrames back."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from resilience_analysis import composite
from resilience_analysis.drawing.charts import draw_likert
from resilience_analysis.drawing.layers import in_style, palette
from resilience_analysis.drawing.maps import draw_choropleth, draw_names, frame, scale_bar
from resilience_analysis.foundation.texts import load_texts
from resilience_analysis.indicators.framework import select_indicator
from resilience_analysis.indicators.scores import metadata, wide
from resilience_analysis.notebook import load_dataset
from resilience_analysis.pages.base_maps import class_patches, classes_of, suppressed
from resilience_analysis.pages.subject import region_subject, subject
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
    normalised = composite.normalise(values, metadata=table, method=framework.scoring.normalise)
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


@in_style
def indicator_map(code: str, *, region: str = "", language: str = "") -> Axes:
    """Map one indicator over a region, in the classes of Flanders."""
    dataset = load_dataset()
    about = region_subject(dataset, region or dataset.project.settings.region, language=language)
    shapes = dataset.boundaries[dataset.boundaries["nis_code"].isin(about.region.codes)]
    _, ax = plt.subplots(figsize=(6.0, 5.2))
    frame(ax, shapes)
    classes = classes_of(about, code)
    draw_choropleth(ax, shapes, dataset.values[code], classes, suppressed(about, code))
    if len(shapes) <= 40:  # noqa: PLR2004 - more names than that do not fit
        draw_names(ax, shapes, size=9)
    scale_bar(ax, shapes)
    ax.legend(handles=class_patches(about, code, classes), loc="upper left", bbox_to_anchor=(1, 1))
    ax.set_title(f"{about.label(code)} ({about.entry(code).unit}, {dataset.years[code]})")
    return ax


@in_style
def spread_chart(code: str, *, region: str = "", language: str = "") -> Axes:
    """Show how all municipalities are spread on an indicator, and where those of a region lie."""
    dataset = load_dataset()
    about = region_subject(dataset, region or dataset.project.settings.region, language=language)
    _, ax = plt.subplots(figsize=(6.7, 2.8))
    sns.histplot(x=dataset.values[code].dropna(), ax=ax, bins=30, color=palette()["interquartile"], edgecolor="white")
    inside = dataset.values.loc[list(about.region.codes), code].dropna()
    sns.rugplot(x=inside, ax=ax, height=0.12, color=palette()["municipality"], linewidth=2)
    for place in select_indicator(dataset.framework, code).goalposts if code in dataset.framework.indicators else ():
        ax.axvline(place, color=palette()["group"], linestyle="--", linewidth=1)
    ax.set(xlabel=f"{about.label(code)} ({about.entry(code).unit})", ylabel="")
    return ax


@in_style
def likert_chart(estimates: pd.DataFrame, *, municipality: str, wave: str, language: str = "") -> Axes:
    """Draw the answers of one municipality and wave as diverging bars, a row per statement.

    Parameters
    ----------
    estimates
        Schema ``estimates``; suppressed statements have no bar.
    municipality
        NIS code.
    wave
        Label of the wave.
    language
        Such as ``nl`` or ``en``; the project's first when empty.
    """
    instrument, texts = load_dataset().instrument, load_texts(language or load_dataset().project.settings.languages[0])
    rows = estimates[(estimates["nis_code"] == municipality) & (estimates["wave"].astype(str) == wave)]
    rows = rows[(rows["group"] == "all") & (rows["level"] == "item")].set_index("code")
    codes = [item for dimension in instrument.scored.values() for item in dimension]
    labels = {code: instrument.items[code].texts[texts.language] for code in codes}
    _, ax = plt.subplots(figsize=(6.7, 0.42 * len(codes) + 0.8))
    return draw_likert(ax, rows.reindex(codes), labels, texts)
