"""Why a row of the estimates is hidden, said so that it tells no number."""

from __future__ import annotations

import numpy as np
import pandas as pd

from resilience_analysis.survey.instrument import NIS_CODE, Instrument
from resilience_analysis.survey.wave import EVERYBODY


def told_by_reason(people: pd.DataFrame, table: pd.DataFrame, least: int) -> np.ndarray:
    """Find groups of which the reason would tell the number: that all hidden ones are small is all that can be.

    Hidden together they have as many people as that many groups of just too few. Their rest and their number are
    public, so that this rule tells nothing by itself; the other reason holds for them too.

    Parameters
    ----------
    people
        The number of people of every group: nis_code, group, n, hidden.
    table
        Rows about these groups: nis_code, group.
    least
        Fewest people that may be shown.
    """
    whole = people[people["group"] == EVERYBODY].set_index(NIS_CODE)
    groups = people[(people["group"] != EVERYBODY) & people["hidden"]]
    kind = groups["group"].str.split(":").str[0]
    rest = groups.groupby([NIS_CODE, kind])["n"].transform("sum")
    number = groups.groupby([NIS_CODE, kind])["n"].transform("size")
    shown = ~groups[NIS_CODE].map(whole["hidden"]).astype(bool)
    telling = groups[shown & (rest == (least - 1) * number)]
    told = pd.MultiIndex.from_frame(telling[[NIS_CODE, "group"]])
    return np.asarray(pd.MultiIndex.from_frame(table[[NIS_CODE, "group"]]).isin(told))


def never_asked(table: pd.DataFrame, instrument: Instrument) -> np.ndarray:
    """Find the rows of a section of items about a group that is not asked it."""
    team = instrument.village_team
    of_team = table["code"].isin([item.id for item in team.section.items])
    other = table["group"].str.startswith(f"{team.asked_field}:") & (
        table["group"] != f"{team.asked_field}:{team.asked_value}"
    )
    return np.asarray(of_team & other)
