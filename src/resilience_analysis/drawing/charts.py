"""Charts: they draw what they are given, return Axes, and compute no score."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from resilience_analysis.drawing.layers import (
    TOP,
    Margin,
    Mark,
    Note,
    Point,
    Shown,
    in_style,
    new_figure,
    palette,
    point_style,
    write_on_white,
)
from resilience_analysis.foundation.texts import Texts
from resilience_analysis.foundation.vocabulary import is_missing

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

_BAND = 0.5  # height of a quartile band, in rows


@in_style
def draw_factor_base(rows: pd.DataFrame, labels: Mapping[str, str], texts: Texts, *, margins: bool = True) -> Shown:
    """Draw what all profiles share of the factors: axes, names, and how all municipalities are spread.

    Parameters
    ----------
    rows
        A row per dimension and strand, from `factor_rows`; only ``dimension``, ``strand``, ``all_q1``, ``all_median``
        and ``all_q3`` (scores 0-100) are used.
    labels
        Short name of each dimension by its code, the first on top.
    texts
        Words of a language.
    margins
        Whether any score has a margin, which the legend then explains.

    Returns
    -------
    tuple
        The figure, and one axes per strand, named by it: a row per dimension (the first on top), scores 0-100 to the
        right.

    Examples
    --------
    >>> from resilience_analysis.foundation.texts import load_texts
    >>> row = {"dimension": "leren", "strand": "register", "all_q1": 40.0, "all_median": 50.0, "all_q3": 60.0}
    >>> _, axes = draw_factor_base(pd.DataFrame([row]), {"leren": "Learning"}, load_texts("en"))
    >>> axes["register"].get_title()
    'Open figures'
    """
    from resilience_analysis.drawing.vector import Placeholder  # noqa: PLC0415 - loads matplotlib

    strands = list(dict.fromkeys(rows["strand"]))
    height = 0.42 * len(labels) + 1.25
    figure = new_figure(height)
    axes = {}
    left, gap = 0.275, 0.026
    width = (0.71 - gap * (len(strands) - 1)) / len(strands)
    for place, strand in enumerate(strands):
        ax = figure.add_axes((left + place * (width + gap), 0.85 / height, width, 0.42 * len(labels) / height))
        _scale(ax, len(labels), texts(f"strand.{strand}"))
        _spread(ax, rows[rows["strand"] == strand], list(labels))
        ax.add_artist(Placeholder(f"marks {strand}", zorder=TOP))
        axes[strand] = ax
    first = axes[strands[0]]
    first.set_yticks(range(len(labels)), [wrap(label, 24) for label in labels.values()])
    figure.legend(
        handles=_legend(texts, margins=margins), loc="lower center", ncols=2, handletextpad=0.6, columnspacing=2.5
    )
    return figure, axes


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


def _legend(texts: Texts, *, margins: bool) -> list[Artist]:
    from matplotlib.lines import Line2D  # noqa: PLC0415 - only what is drawn anew
    from matplotlib.patches import Patch  # noqa: PLC0415

    colours, own = palette(), texts("legend.municipality" if margins else "legend.alone")
    return [
        Line2D([], [], label=own, linewidth=1.6 if margins else 0, **point_style("municipality")),
        Line2D([], [], label=texts("legend.group"), **point_style("group")),
        Line2D([], [], label=texts("legend.median"), color=colours["everywhere"], linewidth=2),
        Patch(label=texts("legend.half"), color=colours["interquartile"]),
    ]


def factor_marks(rows: Sequence[Mapping[str, Any]], texts: Texts) -> list[Mark]:
    """Return the marks of one municipality and its group on the base of the factors; or why none is.

    Parameters
    ----------
    rows
        A row per dimension and strand, from `factor_facts`: ``score``, ``low``, ``high`` and ``group_median`` (0-100).
    texts
        Words of a language.

    Returns
    -------
    list of Mark
        For each row the median of the group, the margin and the score, as far as they are known; else a note.

    Examples
    --------
    >>> from resilience_analysis.foundation.texts import load_texts
    >>> row = {"dimension": "leren", "strand": "register", "indicators": 2, "score": 60.0, "low": None}
    >>> factor_marks([row | {"group_median": None}], load_texts("en"))
    [Point(axes='register', x=60.0, y=0, of='municipality')]
    """
    order = list(dict.fromkeys(row["dimension"] for row in rows))
    marks: list[Mark] = []
    for row in rows:
        strand, y = row["strand"], order.index(row["dimension"])
        if is_missing(row["score"]):
            reason = f"reason_short.{row['missing_reason']}" if row["indicators"] else "table.no_indicator"
            marks.append(Note(strand, 50, y, tuple(wrap(texts(reason), 14).split("\n"))))
            continue
        if not is_missing(row["group_median"]):
            marks.append(Point(strand, row["group_median"], y, of="group"))
        if not is_missing(row["low"]):
            marks.append(Margin(strand, row["low"], row["high"], y))
        marks.append(Point(strand, row["score"], y))
    return marks


def wrap(text: str, width: int) -> str:
    """Break a text into lines of at most `width` letters, at spaces.

    Parameters
    ----------
    text
        One paragraph.
    width
        Letters in a line; a longer word has a line of its own.

    Returns
    -------
    str
        The lines, with a line feed between them.

    Examples
    --------
    >>> wrap("Possibilities for learning", 14).splitlines()
    ['Possibilities', 'for learning']
    """
    return textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)


def draw_projects(ax: Axes, projects: pd.DataFrame) -> list[Artist]:
    """Draw housing projects as dots, as large as they have dwellings.

    Parameters
    ----------
    ax
        Axes to draw on.
    projects
        A row per project, from `projects_of`: ``x`` and ``y`` in the units of the axes, and ``units`` (dwellings).

    Returns
    -------
    list of Artist
        The dots as one collection; empty without projects.

    Examples
    --------
    >>> import pandas as pd
    >>> ax = new_figure(2).add_subplot()
    >>> (dots,) = draw_projects(ax, pd.DataFrame({"x": [0, 9], "y": [0, 9], "units": [10, None]}))
    >>> dots.get_sizes().tolist()
    [34.0, 12.0]
    """
    if projects.empty:
        return []
    sizes = 12 + 2.2 * projects["units"].fillna(0)
    colour = palette()["group"]
    dots = ax.scatter(
        projects["x"], projects["y"], s=sizes, color=colour, edgecolors="white", alpha=0.9, zorder=TOP + 3
    )
    return [dots]


def draw_likert(ax: Axes, rows: pd.DataFrame, labels: Mapping[str, str], texts: Texts) -> Axes:
    """Draw answers 1 to 4 as bars that part in the middle: disagreement to the left, agreement to the right.

    Parameters
    ----------
    ax
        Axes to draw on.
    rows
        One row per statement, indexed by its code: ``share_1`` to ``share_4`` (percentages), ``n``, ``share_agree``
        with ``_low`` and ``_high``; a row without shares says why (``hidden_because``).
    labels
        Wording by code, the first on top.
    texts
        Words of a language.

    Returns
    -------
    Axes
        The axes that were given: disagreement at the left of 0, agreement at its right.

    Examples
    --------
    >>> from resilience_analysis.foundation.texts import load_texts
    >>> shares = {"share_1": 10, "share_2": 20, "share_3": 30, "share_4": 40, "n": 50}
    >>> row = shares | {"share_agree": 70.0, "share_agree_low": 56.0, "share_agree_high": 81.0}
    >>> rows = pd.DataFrame([row], index=["INF1"])
    >>> ax = draw_likert(new_figure(2).add_subplot(), rows, {"INF1": "We know"}, load_texts("en"))
    >>> ax.texts[0].get_text()
    '70% (56 to 81), n = 50'
    """
    for y, row in enumerate(rows.loc[list(labels)].to_dict("records")):
        if pd.isna(row["share_1"]):
            because = row.get("hidden_because")
            said = texts(f"reason_short.{because if isinstance(because, str) and because else 'suppressed'}")
            write_on_white(ax, 50, y, said, halo=3, style="italic", linespacing=1.0, zorder=TOP)
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
