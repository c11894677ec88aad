"""Charts: they draw what they are given, return Axes, and compute no score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from matplotlib.text import Text as Words

from resilience_analysis.drawing.layers import WIDTH, Plate, in_style, new_figure, palette
from resilience_analysis.foundation.texts import Texts

_BAND = 0.5  # height of a quartile band, in rows
_TOP = 10  # above everything on the base


@in_style
def factor_plate(rows: pd.DataFrame, labels: Mapping[str, str], texts: Texts) -> Plate:
    """Draw what all profiles share of the six factors: axes, names, and how all municipalities are spread.

    Parameters
    ----------
    rows
        From `profiles.rows.factor_rows`; only its ``all_*`` columns are drawn.
    labels
        Short name of each dimension, in order.
    texts
        Words.

    Returns
    -------
    Plate
        One axes per strand, named by it: a row per dimension (the first on top), scores 0-100 to the right.
    """
    strands = list(dict.fromkeys(rows["strand"]))
    height = 0.42 * len(labels) + 1.25
    figure = new_figure(height)
    axes = {}
    left, width, gap = 0.275, 0.158, 0.026
    for place, strand in enumerate(strands):
        ax = figure.add_axes((left + place * (width + gap), 0.85 / height, width, 0.42 * len(labels) / height))
        _scale(ax, len(labels), texts(f"strand.{strand}"))
        _spread(ax, rows[rows["strand"] == strand], list(labels))
        axes[strand] = ax
    first = axes[strands[0]]
    first.set_yticks(range(len(labels)), [wrap(label, 24) for label in labels.values()])
    figure.legend(handles=_legend(texts), loc="lower center", ncols=2, handletextpad=0.6, columnspacing=2.5)
    return Plate(figure, axes)


def _scale(ax: Axes, count: int, title: str) -> None:
    ax.set_xlim(-4, 104)
    ax.set_ylim(count - 0.5, -0.5)
    ax.set_xticks([0, 50, 100], ["0", "50", "100"])
    first, _, last = ax.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")
    ax.set_yticks([])
    ax.tick_params(length=0)
    ax.set_title(title, loc="center")
    ax.grid(axis="x", color=palette()["range"], linewidth=0.8)
    for row in range(1, count):
        ax.axhline(row - 0.5, color=palette()["range"], linewidth=0.6)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)


def _spread(ax: Axes, rows: pd.DataFrame, order: Sequence[str]) -> None:
    for row in rows[rows["all_median"].notna()].to_dict("records"):
        y, low, middle = order.index(row["dimension"]), row["all_q1"], row["all_median"]
        ax.barh(y, row["all_q3"] - low, left=low, height=_BAND, color=palette()["interquartile"], linewidth=0)
        ax.plot([middle, middle], [y - _BAND / 2, y + _BAND / 2], color=palette()["everywhere"], linewidth=2)


def _legend(texts: Texts) -> list[Artist]:
    colours = palette()
    return [
        Line2D([], [], label=texts("legend.municipality"), linewidth=1.6, **_own_style()),
        Line2D([], [], label=texts("legend.group"), **_group_style()),
        Line2D([], [], label=texts("legend.median"), color=colours["everywhere"], linewidth=2),
        Patch(label=texts("legend.half"), color=colours["interquartile"]),
    ]


def draw_factors(axes: Mapping[str, Axes], rows: pd.DataFrame, texts: Texts) -> list[Artist]:
    """Draw one municipality and its group on a factor plate; what is missing says why.

    Parameters
    ----------
    axes
        Of `factor_plate`.
    rows
        From `profiles.rows.factor_rows`.
    texts
        Words.

    Returns
    -------
    list of Artist
        What was added, in drawing order.
    """
    order = list(dict.fromkeys(rows["dimension"]))
    artists: list[Artist] = []
    for row in rows.to_dict("records"):
        ax, y = axes[row["strand"]], order.index(row["dimension"])
        if pd.isna(row["score"]):
            artists.append(_absence(ax, y, wrap(texts(f"reason_short.{row['missing_reason']}"), 14)))
            continue
        if pd.notna(row["group_median"]):
            artists += ax.plot([row["group_median"]], [y], **_group_style(), zorder=_TOP)
        artists += _point(ax, y, row["score"], row["low"], row["high"])
    return artists


def _group_style() -> dict[str, Any]:
    colour = palette()["group"]
    face = {"markerfacecolor": "none", "markeredgewidth": 1.6, "markersize": 6}
    return {"marker": "D", "color": colour, "linewidth": 0, **face}


def _own_style() -> dict[str, Any]:
    return {"marker": "o", "color": palette()["municipality"], "markersize": 7}


def _point(ax: Axes, y: int, score: float, low: float, high: float) -> list[Artist]:
    colour = palette()["municipality"]
    artists: list[Artist] = []
    if pd.notna(low):
        artists += ax.plot([low, high], [y, y], color=colour, linewidth=1.6, zorder=_TOP + 1)
    return artists + list(ax.plot([score], [y], **_own_style(), zorder=_TOP + 2, clip_on=False))


def _absence(ax: Axes, y: int, words: str) -> Words:
    """Write why there is no score, readable above the spread of the others."""
    halo = [withStroke(linewidth=3, foreground="white")]
    look = {"ha": "center", "va": "center", "style": "italic", "color": palette()["ink"], "path_effects": halo}
    return ax.text(50, y, words, linespacing=1.0, zorder=_TOP, **look)


def wrap(text: str, width: int) -> str:
    """Break a text into lines of at most `width` letters, at spaces."""
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        if len(joined) > width and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = joined
    return "\n".join(lines)


def draw_projects(ax: Axes, projects: pd.DataFrame) -> list[Artist]:
    """Draw housing projects as dots, as large as they have dwellings.

    Parameters
    ----------
    ax
        A map in metres.
    projects
        From `profiles.housing.projects_of`.
    """
    if projects.empty:
        return []
    sizes = 12 + 2.2 * projects["units"].fillna(0)
    colour = palette()["group"]
    dots = ax.scatter(
        projects["x"], projects["y"], s=sizes, color=colour, edgecolors="white", alpha=0.9, zorder=_TOP + 3
    )
    return [dots]


def draw_likert(ax: Axes, rows: pd.DataFrame, labels: Mapping[str, str], texts: Texts) -> Axes:
    """Draw answers 1 to 4 as bars that part in the middle: disagreement to the left, agreement to the right.

    Parameters
    ----------
    ax
        Where to draw.
    rows
        One row per statement, indexed by its code: ``share_1`` to ``share_4`` (percentages), ``n``, ``share_agree``
        with ``_low`` and ``_high``; a row without shares says that it is suppressed.
    labels
        Wording by code, the first on top.
    texts
        Words.
    """
    for y, row in enumerate(rows.loc[list(labels)].to_dict("records")):
        if pd.isna(row["share_1"]):
            _absence(ax, y, texts("reason_short.suppressed"))
            continue
        left = -(row["share_1"] + row["share_2"])
        for position, colour in enumerate(palette()["likert"], start=1):
            width = row[f"share_{position}"]
            ax.barh(y, width, left=left, height=0.7, color=colour, linewidth=0)
            left += width
        margin = texts("span", low=texts.number(row["share_agree_low"]), high=texts.number(row["share_agree_high"]))
        ax.text(104, y, f"{texts.value(row['share_agree'], '%')} ({margin}), n = {texts.number(row['n'])}", va="center")
    ax.axvline(0, color=palette()["everywhere"], linewidth=1)
    ax.set_yticks(range(len(labels)), [wrap(label, 44) for label in labels.values()], fontsize=9)
    ax.set_xlim(-100, 100)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.set_xticks([-100, -50, 0, 50, 100], ["100", "50", "0", "50", "100"])
    ax.tick_params(length=0)
    ax.spines["left"].set_visible(False)
    return ax


def draw_dots(
    table: pd.DataFrame, labels: Mapping[str, str], posts: Mapping[str, tuple[float, float]], texts: Texts
) -> Axes:
    """Draw a row per indicator with a dot per municipality, on the scale of its goalposts.

    Parameters
    ----------
    table
        One row per municipality, the last one the median of a comparator; a column per indicator.
    labels
        Wording by indicator, the first on top.
    posts
        Goalposts by indicator: the left and right end of its row.
    texts
        Words.
    """
    _, ax = plt.subplots(figsize=(WIDTH, 0.42 * len(labels) + 1.2))
    for y, code in enumerate(labels):
        low, high = posts[code]
        places = 100 * (table[code] - low) / (high - low)
        ax.plot([0, 100], [y, y], color=palette()["range"], linewidth=6, solid_capstyle="butt")
        own = {**_own_style(), "markersize": 6, "alpha": 0.75}
        ax.plot(places.iloc[:-1], [y] * (len(places) - 1), linewidth=0, **own, label=texts("explore.dot"))
        ax.plot(places.iloc[-1:], [y], **_group_style(), label=table.index[-1])
    ax.set_yticks(range(len(labels)), [wrap(label, 40) for label in labels.values()], fontsize=9)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.set_xticks([0, 100], [texts("explore.low"), texts("explore.high")])
    ax.tick_params(length=0)
    ax.spines["left"].set_visible(False)
    kinds = ax.get_legend_handles_labels()[0][:2]
    ax.legend(handles=kinds, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2, fontsize=9)
    return ax
