"""Correlations as a matrix, with frames around families."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from resilience_analysis.composite.plots.axes import axes_of
from resilience_analysis.foundation.style import in_style, palette

CELL = 0.34
"""Inches of one cell."""
SIGNIFICANT = 0.05


@in_style
def draw_correlations(
    pairs: pd.DataFrame,
    *,
    families: Mapping[str, str] | None = None,
    significant: float | None = SIGNIFICANT,
    values: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw correlations as coloured cells, with a frame around the members of each family.

    Parameters
    ----------
    pairs
        As `correlations` or `level_correlations` gives them: ``first`` down, ``second`` across.
    families
        The aggregate of each code, such as the column ``parent`` of the metadata: neighbours of one family are
        framed.
    significant
        Cells with a larger p-value are left white; None colours all.
    values
        Whether to write the numbers.
    ax
        Where to draw; by default on a new figure.
    """
    matrix = pairs.pivot_table(index="first", columns="second", values="correlation", sort=False, dropna=False)
    p_values = pairs.pivot_table(index="first", columns="second", values="p_value", sort=False, dropna=False)
    p_values = p_values.reindex(index=matrix.index, columns=matrix.columns)
    same = np.equal.outer(matrix.index.to_numpy(dtype=object), matrix.columns.to_numpy(dtype=object))
    shown = matrix if significant is None else matrix.where((p_values <= significant) | same)
    rows, columns = matrix.shape
    ax = axes_of(ax, height=1.2 + CELL * rows, width=1.8 + CELL * columns)
    _colour(ax, shown)
    if values:
        _write(ax, matrix)
    for start, end in _stretches([str(code) for code in matrix.index], families or {}):
        _frame(ax, matrix, start, end, families or {})
    return ax


def _colours() -> LinearSegmentedColormap:
    low, _, _, high = palette()["likert"]
    return LinearSegmentedColormap.from_list("correlation", [low, "#FFFFFF", high])


def _colour(ax: Axes, shown: pd.DataFrame) -> None:
    import seaborn as sns  # noqa: PLC0415 - loads statsmodels: only those who draw a matrix pay for it

    codes = {"xticklabels": [str(code) for code in shown.columns], "yticklabels": [str(code) for code in shown.index]}
    sns.heatmap(shown, cmap=_colours(), vmin=-1, vmax=1, cbar=False, ax=ax, **codes)
    ax.set(xlabel="", ylabel="")
    ax.tick_params(length=0)
    ax.tick_params(axis="x", rotation=90)
    ax.tick_params(axis="y", rotation=0)


def _write(ax: Axes, matrix: pd.DataFrame) -> None:
    strong = 0.6
    cells = matrix.to_numpy(dtype=np.float64)
    for row, column in zip(*np.nonzero(~np.isnan(cells)), strict=True):
        value = float(cells[row, column])
        colour = "white" if abs(value) > strong else palette()["ink"]
        written = f"{value:.2f}".replace("0.", ".", 1)
        ax.text(column + 0.5, row + 0.5, written, ha="center", va="center", fontsize=6.5, color=colour)


def _stretches(codes: list[str], families: Mapping[str, str]) -> list[tuple[int, int]]:
    """Return where each run of neighbours of one family begins and ends."""
    found: list[tuple[int, int]] = []
    start = 0
    for place in range(1, len(codes) + 1):
        if place == len(codes) or families.get(codes[place], "") != families.get(codes[start], ""):
            if families.get(codes[start]):
                found.append((start, place))
            start = place
    return found


def _frame(ax: Axes, matrix: pd.DataFrame, start: int, end: int, families: Mapping[str, str]) -> None:
    family = families.get(str(matrix.index[start]))
    across = [place for place, code in enumerate(matrix.columns) if families.get(str(code)) == family or code == family]
    if across:
        corner = (min(across), start)
        size = (max(across) - min(across) + 1, end - start)
        ax.add_patch(Rectangle(corner, *size, fill=False, edgecolor=palette()["ink"], linewidth=1.6))
