"""The tables of ``resilience survey estimate``: hidden where they must be, or all shown and stamped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.survey.disclosure import protect, status_of
from resilience_analysis.survey.instrument import Marker
from resilience_analysis.survey.responses import is_synthetic
from resilience_analysis.survey.ties import additive, blocks, limits
from resilience_analysis.survey.words import words

ITEM_COLUMNS = (
    "by", "item", "n", "n_effective", "mean", "mean_se", "mean_low", "mean_high",
    "share_agree", "share_agree_low", "share_agree_high", "net_agreement", "status",
)  # fmt: skip
DIMENSION_COLUMNS = ("by", "dimension", "n", "score", "score_se", "score_low", "score_high", "status")
REPRESENTATION_COLUMNS = (
    "by", "n", "share", "n_effective", "design_effect", "item_nonresponse", "n_backgrounds", "background_evenness",
    "n_municipalities", "status",
)  # fmt: skip
RESPONDENTS = "*respondents*"
TOTAL = "total"
STAMP_COLUMN = "publication"
SYNTHETIC_COLUMN = "data"


@dataclass(frozen=True)
class Release:
    """Tables that are published together.

    Attributes
    ----------
    items, dimensions
        As `estimate.estimate_items` and `estimate.estimate_dimensions` give them, with a status.
    representation
        As `groups.representation` gives it, with a status.
    """

    items: pd.DataFrame
    dimensions: pd.DataFrame
    representation: pd.DataFrame

    def withheld(self) -> Release:
        """Return the tables with every number of a suppressed row taken out.

        The item non-response of a group counts the answers to all its items together: where one of them is hidden,
        it goes too, for the number of hidden answers would follow from it.
        """
        items, dimensions, people = map(_withheld, (self.items, self.dimensions, self.representation))
        hidden = (self.items["status"] == "suppressed") & (self.items["n"] > 0)
        telling = people["by"].isin(self.items.loc[hidden, "by"])
        return Release(items, dimensions, people.assign(item_nonresponse=people["item_nonresponse"].mask(telling)))


def judged(
    release: Release,
    dimensions: Mapping[str, Sequence[str]],
    *,
    suppress_below: int,
    indicative_below: int,
    min_answered: float,
) -> Release:
    """Return every row its status, over all tables that are published together.

    A total over the groups counts as known, whether it is published or not: it follows from any other table of the
    same answers.

    Raises
    ------
    UsageError
        When a group is called `TOTAL` although it is none.
    """
    parts = [
        release.items.rename(columns={"item": "code"})[["by", "code", "n"]],
        release.dimensions.rename(columns={"dimension": "code"})[["by", "code", "n"]],
        release.representation.assign(code=RESPONDENTS)[["by", "code", "n"]],
    ]
    cells = pd.concat(parts, ignore_index=True)
    if cells.duplicated(["by", "code"]).any():
        raise UsageError(f"a group is called {TOTAL!r}, which is the name of all groups together. Rename the group")
    hidden = protect(
        cells["n"].to_numpy(),
        additive(cells, ["code"], "by", TOTAL),
        suppress_below,
        together=blocks(cells, ["by"], "code", dimensions),
        limits=limits(cells, ["by"], "code", dimensions, people=RESPONDENTS, min_answered=min_answered),
    )
    status = status_of(cells["n"], hidden, indicative_below)
    ends = np.cumsum([len(part) for part in parts])[:-1]
    items, of_dimensions, people = np.split(status.to_numpy(), ends)
    return Release(
        release.items.assign(status=items),
        release.dimensions.assign(status=of_dimensions),
        release.representation.assign(status=people),
    )


def _withheld(table: pd.DataFrame) -> pd.DataFrame:
    hidden = table["status"] == "suppressed"
    numbers = table.select_dtypes("number").columns
    return table.assign(**{column: table[column].astype(float).mask(hidden) for column in numbers})


def mark_synthetic(table: pd.DataFrame, answers: pd.DataFrame, marker: Marker) -> pd.DataFrame:
    """Say in every row that it is made up, where any of the answers (or people) it comes from is."""
    made_up = bool(is_synthetic(answers, marker).any())
    return table.assign(**{SYNTHETIC_COLUMN: words("synthetic.short", "en")}) if made_up else table
