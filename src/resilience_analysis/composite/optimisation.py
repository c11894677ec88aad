"""Weights that give every code the importance asked for, measured by correlation with its top aggregate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from resilience_analysis.composite.aggregation import aggregate, family, make_plan, score_node
from resilience_analysis.composite.arrays import Array, rows_by_year
from resilience_analysis.composite.metadata import checked
from resilience_analysis.composite.structure import SCORED, roots
from resilience_analysis.foundation.errors import InputError, Problem, UsageError, raise_if_any

ITERATIONS = 500


def optimised_weights(
    data: pd.DataFrame,
    *,
    metadata: pd.DataFrame,
    level: int = 1,
    importance: Mapping[str, float] | None = None,
    bounds: tuple[float, float] = (0.0, 1.0),
    aggregation: str | Sequence[str] = "arithmetic",
) -> pd.DataFrame:
    """Find weights on one level for which correlations with the top are as asked.

    Minimises the squared distance between the correlations' shares and the wanted shares, as the linear
    optimisation of Becker et al. (2017) in COINr, but with bounds, so that no weight is negative.

    Parameters
    ----------
    data, metadata
        Normalised indicators, one row per unit; one row per code, see `check_metadata`.
    level
        The level whose weights change.
    importance
        The relative importance wanted of its codes; equal when not given.
    bounds
        Each weight's lowest and highest share among its siblings, between 0 and 1.
    aggregation
        As `method` of `aggregate`.

    Returns
    -------
    pandas.DataFrame
        One row per code of the framework: ``weight`` (on the level, shares among siblings), and on the level
        ``wanted`` and ``obtained``, the shares of importance within the same top.

    Raises
    ------
    InputError
        When a code has no spread, or no weights within the bounds were found.
    UsageError
        When the level has no parents, or bounds leave no room.

    References
    ----------
    Becker, Saisana, Paruolo and Vandecasteele (2017), Weights and importance in composite indicators: closing the gap,
    *Ecological Indicators* 80.

    Examples
    --------
    >>> data, metadata = composite.example_index()
    >>> complete = composite.impute(data, metadata=metadata).data
    >>> normalised = composite.normalise(complete, metadata=metadata)
    >>> found = composite.optimised_weights(normalised, metadata=metadata, level=2)
    >>> found.loc[["people", "place"], ["wanted", "obtained"]].round(2).to_numpy().tolist()
    [[0.5, 0.5], [0.5, 0.5]]
    """
    tidy = checked(metadata, data)
    level_of = _Level(data, tidy, level, importance, aggregation)
    found = level_of.minimise(bounds)
    scored = tidy[tidy["type"].isin(SCORED)]
    result = pd.DataFrame({"weight": scored["weight"].fillna(1.0)}).rename_axis(None)
    result.loc[level_of.codes, "weight"] = found
    result["wanted"] = pd.Series(dict(zip(level_of.codes, level_of.wanted, strict=True)))
    result["obtained"] = pd.Series(dict(zip(level_of.codes, level_of.importance(found), strict=True)))
    return result


class _Level:
    """A level whose weights are sought: its codes with their parents and tops, what is wanted, what does not change."""

    def __init__(
        self,
        data: pd.DataFrame,
        tidy: pd.DataFrame,
        level: int,
        importance: Mapping[str, float] | None,
        aggregation: str | Sequence[str],
    ) -> None:
        scored = tidy[tidy["type"].isin(SCORED)]
        on_level = scored[(scored["level"] == level) & (scored["parent"] != "")]
        if on_level.empty:
            raise UsageError(f"no code of level {level} has a parent. Choose a level below the top")
        self.codes, self.parents = list(on_level.index), on_level["parent"].to_numpy()
        scores = aggregate(data, metadata=tidy, method=aggregation)
        problems = [
            Problem(f"code {code}", "has no spread, so it correlates with nothing", "Take it out")
            for code in self.codes
            if not scores[code].std() > 0  # which it has not either when it has no value
        ]
        raise_if_any("data", problems)
        top = roots(tidy)
        self.tops = [top[code] for code in self.codes]
        asked = pd.Series({code: 1.0 if importance is None else importance.get(code, 1.0) for code in self.codes})
        self.wanted = (asked / asked.groupby(self.tops).transform("sum")).to_numpy()
        self.plan, self.years = make_plan(tidy, method=aggregation), rows_by_year(data.index)
        fixed = scored.index[scored["level"] <= level]
        self.columns = {code: scores[code].to_numpy() for code in scores.columns if code in fixed}

    def importance(self, shares: Array) -> Array:
        """Return the shares of the codes in the correlations with their top, under weights of these shares."""
        weights, columns = dict(zip(self.codes, shares, strict=True)), dict(self.columns)
        for recipe in self.plan:
            if recipe.node.code not in columns:
                pairs = zip(recipe.node.children, recipe.weights, strict=True)
                w = np.array([weights.get(child, own) for child, own in pairs])
                columns[recipe.node.code] = score_node(family(columns, recipe.node), w, recipe, self.years)
        found = [_correlation(columns[code], columns[top]) for code, top in zip(self.codes, self.tops, strict=True)]
        correlations = pd.Series(found)
        return (correlations / correlations.groupby(self.tops).transform("sum")).to_numpy()

    def minimise(self, bounds: tuple[float, float]) -> Array:
        """Find the shares whose importance is nearest to what is wanted."""
        from scipy.optimize import minimize  # noqa: PLC0415 - only those who optimise pay for it

        families = [self.parents == parent for parent in dict.fromkeys(self.parents)]
        sizes = sum(own * own.sum() for own in families)
        low, high = bounds
        if not 0 <= low < high <= 1 or (low * sizes > 1).any() or (high * sizes < 1).any():
            raise UsageError(
                f"bounds {low:g} to {high:g} leave no weights that add up to 1 in every family. Widen them"
            )

        def distance(shares: Array) -> float:
            return float(np.sum((self.importance(shares) - self.wanted) ** 2))

        start = 1.0 / sizes
        scale = 1.0 / max(distance(start), 1e-12)
        solution = minimize(
            lambda shares: scale * distance(shares),
            start,
            method="SLSQP",
            bounds=[bounds] * len(start),
            constraints=[
                {"type": "eq", "fun": lambda shares, own=own: float(shares[own].sum() - 1)} for own in families
            ],
            options={"maxiter": ITERATIONS, "ftol": 1e-12},
        )
        if not solution.success and not np.isfinite(solution.fun):
            raise InputError("weights", [Problem("optimisation", str(solution.message), "Widen the bounds")])
        shares: Array = np.clip(solution.x, *bounds)
        return shares


def _correlation(x: Array, y: Array) -> float:
    both = ~(np.isnan(x) | np.isnan(y))
    x, y = x[both] - x[both].mean(), y[both] - y[both].mean()
    return float(x @ y / np.sqrt((x @ x) * (y @ y)))
