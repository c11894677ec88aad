"""What readers get of scores: derived columns such as bands, one table of results, and a summary of one unit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from resilience_analysis.composite.metadata import check_metadata
from resilience_analysis.composite.operations import apply_steps, read_steps
from resilience_analysis.composite.panel import year_rows


def derived_scores(scores: pd.DataFrame, *, metadata: pd.DataFrame) -> pd.DataFrame:
    """Make the columns of type ``derived`` from the scores of their parents; they go up no further.

    Parameters
    ----------
    scores
        As `aggregate` gives them.
    metadata
        One row per code; see `check_metadata`. A derived code has a ``parent``, the ``steps`` that make it, and in
        ``bands`` the names of its bands where the steps end in numbers from 1.

    Returns
    -------
    pandas.DataFrame
        One row per unit, one column per derived code: numbers, or the names of bands as text.

    Raises
    ------
    InputError
        When the metadata are wrong.

    Examples
    --------
    >>> scores = pd.DataFrame({"index": [0.4, 0.9, 0.75]}, index=["AA", "BB", "CC"])
    >>> tree = pd.DataFrame(
    ...     {"parent": ["", "index"], "type": ["indicator", "derived"], "direction": 1, "weight": 1,
    ...      "steps": ["", "bands:0.55,0.8"], "bands": ["", "low; middle; high"]}, index=["index", "group"],
    ... )
    >>> derived_scores(scores, metadata=tree)["group"].tolist()
    ['low', 'high', 'middle']
    """
    tidy = check_metadata(metadata)
    years = [rows for _, rows in year_rows(scores.index)]
    table = {}
    for code, row in tidy[tidy["type"] == "derived"].reindex(columns=["parent", "steps", "bands"]).iterrows():
        steps = "" if pd.isna(row["steps"]) else str(row["steps"])
        values = apply_steps(scores[row["parent"]].to_numpy(dtype=np.float64), read_steps(steps), years)
        names = [] if pd.isna(row["bands"]) else [name.strip() for name in str(row["bands"]).split(";") if name.strip()]
        column = pd.Series(values, index=scores.index)
        table[code] = column.map(dict(enumerate(names, 1))) if names else column
    return pd.DataFrame(table, index=scores.index)
