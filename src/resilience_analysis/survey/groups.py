"""Who answered: how many, how even over backgrounds, how much was left open, and how officials differ from residents."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from resilience_analysis.survey.estimate import AGREE
from resilience_analysis.survey.intervals import CONFIDENCE, effective_n, mean_interval, newcombe
from resilience_analysis.survey.means import grouped_means


def evenness(counts: Sequence[int] | np.ndarray, possible: int) -> float:
    """Give how evenly respondents spread over the possible backgrounds: Shannon's H over ``ln(possible)``, 0 to 1.

    References
    ----------
    Pielou 1966, J. Theor. Biol. 13:131-144.
    """
    numbers = np.asarray(counts, dtype=float)
    shares = numbers[numbers > 0] / max(numbers.sum(), 1)
    if possible < 2 or not len(shares):  # noqa: PLR2004 - one background is neither even nor uneven
        return float("nan")
    return float(-(shares * np.log(shares)).sum() / np.log(possible) + 0.0)


def representation(
    values: pd.DataFrame,
    by: pd.Series,
    *,
    asked: pd.DataFrame | None = None,
    background: pd.Series | None = None,
    municipality: pd.Series | None = None,
    possible_backgrounds: int | None = None,
    weights: pd.Series | None = None,
) -> pd.DataFrame:
    """Say who answered in every group.

    Parameters
    ----------
    values
        One row per respondent, a column per item, NaN without answer.
    by
        Group of each respondent.
    asked
        Where an answer was asked; everywhere when not given.
    background, municipality
        Of each respondent; the columns about them stay empty when not given.
    possible_backgrounds
        How many backgrounds there are to choose from; those that occur when not given.
    weights
        Weight of each respondent; equal when not given.

    Returns
    -------
    pandas.DataFrame
        One row per group, sorted: by, n, share (of the respondents with a group), n_effective, design_effect,
        item_nonresponse (share of the answers asked that are missing, 0 to 1), n_backgrounds, background_evenness,
        n_municipalities.
    """
    weight = pd.Series(1.0, index=values.index) if weights is None else weights.astype(float)
    possible = 0 if background is None else possible_backgrounds or background.nunique()
    expected = pd.DataFrame(True, index=values.index, columns=values.columns) if asked is None else asked
    missing = (values.isna() & expected).sum(axis=1)
    table = pd.DataFrame(
        {
            "n": by.groupby(by).size(),
            "n_effective": weight.groupby(by).agg(lambda group: effective_n(group.to_numpy())),
            "item_nonresponse": missing.groupby(by).sum() / expected.sum(axis=1).groupby(by).sum().replace(0, np.nan),
            "n_backgrounds": _distinct(background, by),
            "background_evenness": _evenness_by(background, by, possible),
            "n_municipalities": _distinct(municipality, by),
        }
    )
    table.insert(1, "share", table["n"] / table["n"].sum())
    table.insert(3, "design_effect", table["n"] / table["n_effective"].replace(0, np.nan))
    return table.rename_axis("by").reset_index()


def _distinct(attribute: pd.Series | None, by: pd.Series) -> pd.Series:
    if attribute is None:
        return pd.Series(dtype=float)
    return attribute.groupby(by).nunique()


def _evenness_by(background: pd.Series | None, by: pd.Series, possible: int) -> pd.Series:
    if background is None:
        return pd.Series(dtype=float)
    counts = pd.crosstab(by, background)
    return pd.Series(
        {group: evenness(row, possible) for group, row in zip(counts.index, counts.to_numpy(), strict=True)}
    )


def gap(
    values: pd.DataFrame,
    role: pd.Series,
    *,
    between: tuple[str, str] = ("ambtenaar", "inwoner"),
    weights: pd.Series | None = None,
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:
    """Compare two roles, such as officials with residents, item by item.

    Parameters
    ----------
    values
        One row per respondent, a column per item (share and mean are compared) or dimension (read the mean).
    role
        Role of each respondent.
    between
        The two roles; the gap is the first less the second.

    Returns
    -------
    pandas.DataFrame
        One row per column of `values`: code, n and n_other, share_gap (of those who agree, -1 to 1) with Newcombe's
        share_gap_low and share_gap_high, mean_gap with mean_gap_low and mean_gap_high (normal, independent groups).
        Empty where one of the two has no answer.
    """
    pair = role.where(role.isin(between))
    agree = grouped_means((values >= AGREE).astype(float).where(values.notna()), pair, weights)
    means = grouped_means(values, pair, weights)
    one, other = between
    effective = means.n_effective.reindex(list(between)).replace(0, np.nan)
    share, mean, se = (frame.reindex(list(between)) for frame in (agree.mean, means.mean, means.se))
    low, high = newcombe(
        share.loc[one], effective.loc[one], share.loc[other], effective.loc[other], confidence=confidence
    )
    difference = mean.loc[one] - mean.loc[other]
    mean_low, mean_high = mean_interval(
        difference, np.sqrt(se.loc[one] ** 2 + se.loc[other] ** 2), effective.loc[one], confidence=confidence
    )
    counts = means.n.reindex(list(between)).fillna(0)
    return pd.DataFrame(
        {
            "code": values.columns,
            "n": counts.loc[one].to_numpy(),
            "n_other": counts.loc[other].to_numpy(),
            "share_gap": (share.loc[one] - share.loc[other]).to_numpy(),
            "share_gap_low": low.to_numpy(),
            "share_gap_high": high.to_numpy(),
            "mean_gap": difference.to_numpy(),
            "mean_gap_low": mean_low.to_numpy(),
            "mean_gap_high": mean_high.to_numpy(),
        }
    )
