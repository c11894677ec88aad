"""A small made-up index, for examples and to try things on."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from resilience_analysis.composite.metadata import check_metadata

_NONE = float("nan")


class ExampleIndex(NamedTuple):
    """The result of `example_index`.

    Attributes
    ----------
    data
        One row per unit, four indicators; one value is missing.
    metadata
        As `check_metadata` gives it: two dimensions below one index.
    """

    data: pd.DataFrame
    metadata: pd.DataFrame


def example_index() -> ExampleIndex:
    """Return the data and metadata of a made-up index of five units.

    Examples
    --------
    >>> data, metadata = example_index()
    >>> data.loc["AA"].to_dict()
    {'trust': 3.0, 'crime': 10.0, 'green': 40.0, 'jobs': 5.0}
    >>> metadata["parent"].to_dict()["crime"], metadata["direction"].to_dict()["crime"]
    ('people', -1.0)
    """
    values = {
        "trust": [3.0, 2.0, 4.0, 1.0, 3.0],
        "crime": [10.0, 30.0, 20.0, 50.0, 40.0],
        "green": [40.0, 10.0, 20.0, 30.0, 50.0],
        "jobs": [5.0, 1.0, 3.0, _NONE, 9.0],
    }
    tree = {
        "parent": ["people", "people", "place", "place", "index", "index", ""],
        "direction": [1, -1, 1, 1, 1, 1, 1],
        "weight": [2, 1, 1, 1, 2, 1, 1],
    }
    data = pd.DataFrame(values, index=pd.Index(["AA", "BB", "CC", "DD", "EE"], name="unit"))
    codes = pd.Index([*values, "people", "place", "index"], name="code")
    return ExampleIndex(data, check_metadata(pd.DataFrame(tree, index=codes), data))
