"""From indicators to scores, with the engine in `composite`: a score per indicator, and per dimension and strand.

Strands are shown side by side and are never averaged; there is no overall index.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from html import escape

import numpy as np
import pandas as pd

from resilience_analysis import composite
from resilience_analysis.data.processed import check_table
from resilience_analysis.foundation.vocabulary import STRANDS
from resilience_analysis.indicators.framework import Framework, Indicator
from resilience_analysis.indicators.values import CONTEXT, latest

GOALPOSTS = "goalposts"
SCALE = (0, 100)
ROUNDING = 1e-9  # of a mean of a hundred scores, in points
SIDES = ("margin_below", "margin_above")
COLUMNS = ["nis_code", "code", "strand", "level", "score", "coverage", "low", "high", *SIDES, "missing_reason"]

_Wide = Mapping[str, pd.DataFrame]  # by column, municipalities x indicators


def node(dimension: str, strand: str) -> str:
    """Name the aggregate of one dimension and strand, as in the engine's metadata."""
    return f"{dimension}.{strand}"


def metadata(framework: Framework) -> pd.DataFrame:
    """Return the framework in the form the engine takes: one row per indicator and per dimension and strand.

    Returns
    -------
    pandas.DataFrame
        Indexed by code; columns ``parent``, ``direction``, ``weight``, ``goalpost_lower``, ``goalpost_upper``. Every
        dimension and strand is an aggregate without a parent, so that nothing is averaged over them.
    """
    rows = {code: _metadata_row(indicator) for code, indicator in framework.indicators.items()}
    for indicator in framework.indicators.values():
        rows.setdefault(node(indicator.dimension, indicator.strand), {"parent": "", "direction": 1, "weight": 1.0})
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("code")


def _metadata_row(indicator: Indicator) -> dict[str, object]:
    low, high = indicator.goalposts
    return {
        "parent": node(indicator.dimension, indicator.strand),
        "direction": indicator.direction,
        "weight": indicator.weight,
        "goalpost_lower": low,
        "goalpost_upper": high,
    }


def wide(indicators: pd.DataFrame, framework: Framework, column: str = "value") -> pd.DataFrame:
    """Spread one column of the latest scored indicators: municipalities x indicators, in the framework's order."""
    return _spread(latest(indicators[indicators["strand"] != CONTEXT]), framework, column)


def _spread(rows: pd.DataFrame, framework: Framework, column: str) -> pd.DataFrame:
    table = rows.pivot(index="nis_code", columns="indicator", values=column)
    return table.reindex(columns=list(framework.indicators))


def score(indicators: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    """Score every municipality.

    Parameters
    ----------
    indicators
        Schema ``indicators``; the latest year of each is scored.
    framework
        Goalposts, directions, weights and the least coverage.

    Returns
    -------
    pandas.DataFrame
        Schema ``scores``: per municipality a row for every indicator and for every dimension and strand. A score is
        0-100, or missing with its reason: that of the indicator, or ``low_coverage`` for a dimension. ``low`` and
        ``high`` are limits of the 95 % interval that comes from sampling error, where there is any; ``margin_below``
        and ``margin_above`` are its two sides before it is cut off at 0 and 100.
    """
    return score_latest(latest(indicators), framework)


def score_latest(newest: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    """Score every municipality on the rows that `latest` gives, as `score` does."""
    table, newest = metadata(framework), newest[newest["strand"] != CONTEXT]
    given = {column: _spread(newest, framework, column) for column in ("value", "low", "high", "missing_reason")}
    normalised = _normalise(given, framework, table, "value")
    sides = _half_widths(given, framework, table)
    results = _aggregate(normalised, sides, framework, table)
    reasons = given["missing_reason"]
    rows = [
        _indicator_rows(normalised, _limits(given, framework, table), sides, reasons, framework),
        _dimension_rows(results, reasons, framework),
    ]
    long = pd.concat(rows, ignore_index=True).sort_values(["nis_code", "level", "code", "strand"], ignore_index=True)
    return check_table(long[COLUMNS], "scores")


def _normalise(given: _Wide, framework: Framework, table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Normalise the values, or the limits of their intervals as the values are."""
    method, wanted = framework.scoring.normalise, given[column]
    if column == "value" or method == GOALPOSTS:
        return composite.normalise(wanted, metadata=table, method=method, bounds=SCALE)
    # the methods without goalposts take their scale from the values: on a scale of their own limits would not fit
    values = given["value"]
    scores = composite.normalise(values, metadata=table, method=method, bounds=SCALE)
    return pd.DataFrame({code: _placed(wanted[code], values[code], scores[code]) for code in wanted})


def _placed(limits: pd.Series, values: pd.Series, scores: pd.Series) -> pd.Series:
    """Return the scores of limits on the scale that values and their scores make.

    Between two values that is a straight line; beyond the smallest and largest the mean slope goes on, so that an
    interval is not cut off there.
    """
    known = pd.DataFrame({"value": values, "score": scores}).dropna().groupby("value")["score"].mean()
    if known.size < 2:  # noqa: PLR2004 - no scale
        return scores.where(limits.notna())
    at, score = known.index.to_numpy(dtype=float), known.to_numpy(dtype=float)
    slope = (score[-1] - score[0]) / (at[-1] - at[0])
    beyond = limits - limits.clip(at[0], at[-1])
    placed = pd.Series(np.interp(limits, at, score), index=limits.index).where(limits.notna())
    return placed.add(slope * beyond)


def _limits(
    given: _Wide, framework: Framework, table: pd.DataFrame, *, cut: bool = True
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the scores of the lower and the upper limit of every indicator, low first in either direction."""
    first, second = (_normalise(given, framework, table, end) for end in ("low", "high"))
    if framework.scoring.normalise != GOALPOSTS:
        first, second = (limit.clip(*SCALE) if cut else limit for limit in (first, second))
    return first.where(first <= second, second), first.where(first > second, second)


def _half_widths(given: _Wide, framework: Framework, table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return how far the interval of every indicator reaches below and above its score, not cut off at the goalposts.

    A value at or beyond a goalpost is as unsure as any other; cut off, its interval would look narrower than it is.
    """
    uncut = table.assign(goalpost_truncate=0)
    score = _normalise(given, framework, uncut, "value")
    low, high = _limits(given, framework, uncut, cut=False)
    return score - low, high - score


def error_correlation(framework: Framework, codes: list[str], *, of_scores: bool = True) -> pd.DataFrame:
    """Return the correlation between the sampling errors of any two indicators: that of their source, else 0.

    Parameters
    ----------
    of_scores
        Whether the errors are those of scores, where more is always better, or of the values as published: there the
        correlation of two indicators that count in opposite directions is negative.
    """
    entries = [framework.indicators[code] for code in codes]
    source = np.array([entry.source for entry in entries])
    stated = np.array([framework.correlation(name).value for name in source])
    matrix = np.where(source[:, None] == source, stated[:, None], 0.0)
    if not of_scores:
        direction = np.array([entry.direction for entry in entries])
        matrix = matrix * direction[:, None] * direction
    np.fill_diagonal(matrix, 1.0)
    return pd.DataFrame(matrix, index=codes, columns=codes)


def _aggregate(
    normalised: pd.DataFrame, sides: tuple[pd.DataFrame, pd.DataFrame], framework: Framework, table: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return score, coverage, margins, low and high of every dimension and strand, one wide table of each."""
    method, least = framework.scoring.aggregate, framework.scoring.min_coverage
    score = _rounded(composite.aggregate(normalised, metadata=table, method=method, min_coverage=least))
    carried = partial(composite.margins, metadata=table, method=method, min_coverage=least)
    between = error_correlation(framework, list(normalised.columns))
    below, above = (carried(normalised, side, correlation=between) for side in sides)
    score = score[below.columns]
    coverage = composite.coverage(normalised, metadata=table)
    low, high = (score - below).clip(lower=0), (score + above).clip(upper=100)
    margins = dict(zip(SIDES, (below, above), strict=True))
    return {"score": score, "coverage": coverage, "low": low, "high": high, **margins}


def _rounded(scores: pd.DataFrame) -> pd.DataFrame:
    """Put a mean that only its floating-point error brings beyond the scale on the end of the scale."""
    ends = scores.clip(*SCALE)
    return scores.mask((scores - ends).abs() < ROUNDING, ends)


def _indicator_rows(
    scores: pd.DataFrame,
    limits: tuple[pd.DataFrame, pd.DataFrame],
    sides: tuple[pd.DataFrame, pd.DataFrame],
    reasons: pd.DataFrame,
    framework: Framework,
) -> pd.DataFrame:
    codes, places = list(framework.indicators), scores.index
    wide = {"score": scores, "low": limits[0], "high": limits[1], "missing_reason": reasons}
    wide |= dict(zip(SIDES, sides, strict=True))
    long = {name: table.loc[places, codes].to_numpy().ravel(order="F") for name, table in wide.items()}
    named = {
        "nis_code": np.tile(places.to_numpy(), len(codes)),
        "code": np.repeat(codes, len(places)),
        "strand": np.repeat([framework.indicators[code].strand for code in codes], len(places)),
    }
    return pd.DataFrame({**named, **long, "level": "indicator", "coverage": pd.notna(long["score"]).astype(float)})


def _dimension_rows(results: dict[str, pd.DataFrame], reasons: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    frames = []
    for dimension in framework.dimensions:
        for strand in STRANDS:
            codes = [indicator.id for indicator in framework.of(dimension, strand)]
            if not codes:
                frames.append(_nothing(reasons.index, dimension, strand))
                continue
            numbers = {name: table[node(dimension, strand)] for name, table in results.items()}
            reason = _reason(reasons[codes]).mask(numbers["score"].notna())
            named = {"nis_code": reasons.index, "code": dimension, "strand": strand, "level": "dimension"}
            columns = {name: column.to_numpy() for name, column in {**numbers, "missing_reason": reason}.items()}
            frames.append(pd.DataFrame({**named, **columns}))
    return pd.concat(frames, ignore_index=True)


def _reason(reasons: pd.DataFrame) -> pd.Series:
    """Return the one reason that all indicators share, or ``low_coverage`` when they differ or some are there."""
    first = reasons.iloc[:, 0]
    return first.where(reasons.eq(first, axis=0).all(axis=1), "low_coverage")


def _nothing(codes: pd.Index, dimension: str, strand: str) -> pd.DataFrame:
    rows = pd.DataFrame({"nis_code": codes, "code": dimension, "strand": strand, "level": "dimension"})
    gaps = dict.fromkeys(("score", "low", "high", *SIDES), float("nan"))
    return rows.assign(**gaps, coverage=0.0, missing_reason="not_collected")


CHOICES = {"sample": True, "weights.noise": 0.25, "normalise.method": ["goalposts", "minmax"]}
STRAND = "residents"


@dataclass(frozen=True)
class Robustness:
    """What a Monte Carlo over the factor scores says."""

    intervals: pd.DataFrame
    """One row per municipality and aggregate (dimension and strand): score, low, high and rank over the draws."""
    drivers: pd.DataFrame
    """One row per aggregate and source of uncertainty: first-order and total Sobol index over all municipalities."""
    draws: pd.DataFrame  # the scores of every draw
    failures: pd.DataFrame  # draws that gave no score, by reason

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
    n
        Draws; the Sobol indices need a few times as many.
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
