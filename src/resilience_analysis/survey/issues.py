"""Who is in the groups that are shown of a wave: what `released` compares with what was released before."""

from __future__ import annotations

import numpy as np
import pandas as pd

from resilience_analysis.survey.instrument import FIELDS, NIS_CODE, Instrument
from resilience_analysis.survey.outcomes import RESPONDENTS
from resilience_analysis.survey.release import SUPPRESSED
from resilience_analysis.survey.released import ESTIMATES, Issue
from resilience_analysis.survey.responses import from_table
from resilience_analysis.survey.wave import EVERYBODY, KINDS, REGION, group_names


def issues(answers: pd.DataFrame, table: pd.DataFrame, instrument: Instrument) -> dict[str, tuple[Issue, pd.DataFrame]]:
    """Say by wave who is in every group that is shown, and what is known of all respondents.

    Parameters
    ----------
    answers
        Schema ``answers``.
    table
        As `estimates` gives it of the same answers.
    instrument
        Names the groups.
    """
    shown = table[(table["level"] == RESPONDENTS) & (table["status"] != SUPPRESSED)].fillna({NIS_CODE: REGION})
    located = answers[answers[NIS_CODE].notna() & (answers[NIS_CODE] != "")]
    out = {}
    for wave, rows in located.groupby("wave", sort=True):
        responses = from_table(rows).by_content()
        people, own = responses.people, shown[shown["wave"] == wave]
        names = {kind: kind + ":" + group_names(people, kind, instrument)[0] for kind in KINDS}
        large = set(own.loc[own["group"] == EVERYBODY, NIS_CODE])
        groups = {}
        for area, group in own[[NIS_CODE, "group"]].itertuples(index=False):
            inside = people[NIS_CODE].isin(large) if area == REGION else people[NIS_CODE] == area
            if group != EVERYBODY:
                inside &= names[group.split(":")[0]] == group
            groups[f"{area} {group}"] = np.flatnonzero(inside)
        everything = pd.concat([people[list(FIELDS)], responses.codes], axis=1)
        out[str(wave)] = (Issue(ESTIMATES, (), groups), everything)
    return out
