"""How sure the factor scores are: sampling error and choices of method, run together over all municipalities."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import pandas as pd

from resilience_analysis import composite
from resilience_analysis.foundation.vocabulary import STRANDS
from resilience_analysis.indicators.framework import Framework
from resilience_analysis.indicators.scores import error_correlation, metadata, wide

CHOICES = {"sample": True, "weights.noise": 0.25, "normalise.method": ["goalposts", "minmax"]}
STRAND = "residents"


@dataclass(frozen=True)
class Robustness:
    """What a Monte Carlo over the factor scores says.

    Attributes
    ----------
    intervals
        One row per municipality and aggregate (dimension and strand): score, low, high and rank over the draws.
    drivers
        One row per aggregate and source of uncertainty: first-order and total Sobol index over all municipalities.
    draws
        The scores of every draw.
    failures
        Draws that gave no score, by reason.
    """

    intervals: pd.DataFrame
    drivers: pd.DataFrame
    draws: pd.DataFrame
    failures: pd.DataFrame

    def __repr__(self) -> str:
        """Return one line on what there is."""
        places, codes = (self.intervals[name].nunique() for name in ("unit", "code"))
        return f"Robustness of {codes} scores of {places} municipalities, {len(self.failures)} kinds of failed draws"

    def _repr_html_(self) -> str:
        """Show where the uncertainty of the scores comes from in a notebook."""
        table = self.drivers[self.drivers["of"] == "score"].pivot(index="code", columns="factor", values="first_order")
        return f"<p>{escape(repr(self))}</p>{table.to_html(border=0, float_format='{:.2f}'.format)}"

    def differs(self, dimension: str, codes: list[str], *, strand: str = STRAND) -> pd.DataFrame:
        """Return the share of draws in which the row lies above the column, for some municipalities."""
        table = composite.outranking(self.draws, code=f"{dimension}.{strand}")
        return table.loc[codes, codes]


def robustness(indicators: pd.DataFrame, framework: Framework, *, n: int = 256, seed: int = 1) -> Robustness:
    """Score all municipalities again and again, under other samples, weights and normalisations.

    Parameters
    ----------
    indicators
        Schema ``indicators``; strands in which no municipality has a value are left out.
    framework
        The framework.
    n
        Draws; the Sobol indices need a few times as many.
    seed
        The same seed gives the same result.
    """
    values, table = wide(indicators, framework), metadata(framework)
    known = [code for code in values.columns if values[code].notna().any()]
    table = table.loc[[code for code in table.index if code in known or _parent_of_any(table, code, known)]]
    settings = {
        "normalise.method": framework.scoring.normalise,
        "aggregate.method": framework.scoring.aggregate,
        "aggregate.min_coverage": framework.scoring.min_coverage,
    }
    result = composite.uncertainty(
        values[known],
        metadata=table,
        choices=CHOICES,
        settings=settings,
        low=wide(indicators, framework, "low")[known],
        high=wide(indicators, framework, "high")[known],
        correlation=error_correlation(framework, known, of_scores=False),
        n=n,
        seed=seed,
        keep=True,
    )
    drivers = result.sobol[result.sobol["unit"].isna()] if "unit" in result.sobol else result.sobol
    assert result.draws is not None
    return Robustness(result.intervals, drivers, result.draws, result.failures)


def _parent_of_any(table: pd.DataFrame, code: str, known: list[str]) -> bool:
    return code.rpartition(".")[2] in STRANDS and bool((table.loc[known, "parent"] == code).any())
