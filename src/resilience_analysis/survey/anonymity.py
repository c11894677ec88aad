"""Who stands out among respondents, before anything is passed on one by one."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem


def rare_combinations(people: pd.DataFrame, quasi_identifiers: Collection[str], k: int) -> pd.DataFrame:
    """Find the combinations of quasi-identifiers that fewer than `k` respondents share.

    Parameters
    ----------
    people
        One row per respondent.

    Returns
    -------
    pandas.DataFrame
        One row per combination, with its number of respondents in column ``n``; a missing value is a value too.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"role": ["official"] * 5 + ["resident"], "village": ["Olen"] * 6})
    >>> rare_combinations(people, ["role", "village"], 5).to_dict("records")
    [{'role': 'resident', 'village': 'Olen', 'n': 1}]
    """
    columns = [column for column in quasi_identifiers if column in people]
    if not columns:
        return pd.DataFrame({"n": [len(people)] if 0 < len(people) < k else []})
    counts = people.groupby(columns, dropna=False, observed=True).size().rename("n").reset_index()
    return counts[counts["n"] < k].reset_index(drop=True)


def require_k_anonymity(
    people: pd.DataFrame, quasi_identifiers: Collection[str], k: int, *, subject: str, within: Collection[str] = ()
) -> None:
    """Refuse to pass respondents on while anyone shares their quasi-identifiers with fewer than `k` - 1 others.

    Parameters
    ----------
    people
        One row per respondent.
    within
        More columns that must be shared, which cannot be left out.

    Raises
    ------
    InputError
        With the number of rare combinations and of respondents in them, never the combinations themselves.
    """
    rare = rare_combinations(people, [*within, *quasi_identifiers], k)
    if len(rare):
        what = f"{int(rare['n'].sum())} respondents are in {len(rare)} combinations of fewer than {k}"
        columns = ", ".join(quasi_identifiers)
        remedy = f"Leave out or widen one of {columns}" if columns else "Pass nothing on until more have answered"
        raise InputError(subject, [Problem(subject, what, remedy)])


def require_diversity(
    people: pd.DataFrame,
    answers: pd.DataFrame,
    quasi_identifiers: Collection[str],
    *,
    subject: str,
    within: Collection[str] = (),
) -> None:
    """Refuse to pass respondents on while all who share their quasi-identifiers gave the same answer to an item.

    Parameters
    ----------
    people, answers
        One row per respondent; in `answers` a column per item, NaN without answer.
    within
        More columns that are shared.

    Raises
    ------
    InputError
        With the number of combinations, never the combinations themselves.

    References
    ----------
    Machanavajjhala et al. 2007, ACM Trans. Knowl. Discov. Data 1(1): l-diversity, here with l = 2.
    """
    columns = [column for column in (*within, *quasi_identifiers) if column in people]
    keys = people[columns].astype(object).where(people[columns].notna(), "").apply(tuple, axis=1)
    different = answers.groupby(keys).nunique()
    given = answers.groupby(keys).count()
    alike = ((different == 1) & (given > 0)).any(axis=1)
    if alike.any():
        what = f"in {int(alike.sum())} of {len(alike)} combinations all gave the same answer to a statement"
        named = ", ".join(quasi_identifiers)
        remedy = f"Leave out or widen one of {named}" if named else "Pass nothing on until more have answered"
        raise InputError(subject, [Problem(subject, what, remedy)])
