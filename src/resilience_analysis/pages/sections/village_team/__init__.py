"""The check of a village team: its success factors, when enough of the team answered."""

from __future__ import annotations

import pandas as pd

from resilience_analysis.pages.page import OWN, PageSection
from resilience_analysis.pages.render import Views, section_views
from resilience_analysis.pages.sections.self_assessment import statement
from resilience_analysis.pages.subject import Subject
from resilience_analysis.survey.outcomes import team_check


def _show(subject: Subject) -> Views:
    team = subject.data.instrument.village_team
    found = _team_rows(subject)
    by_code = {} if found.empty else found.set_index("code").to_dict("index")
    rows = [statement(subject, item, by_code) for item in team.section.items]
    return section_views(
        "village_team", subject, text="\n".join(row["words"] for row in rows), rows=rows,
        answered=any(row["known"] for row in rows), least=team.least_team_size,
        synthetic=subject.is_invented("self_assessment"),
    )  # fmt: skip


def _team_rows(subject: Subject) -> pd.DataFrame:
    table = subject.data.tables.estimates
    if table.empty:
        return table
    rows = team_check(table, subject.data.instrument)
    rows = rows[(rows["nis_code"] == subject.nis_code) & (rows["group"] == f"village:{subject.village_name}")]
    return rows.sort_values("wave").drop_duplicates("code", keep="last")


SECTION = PageSection(_show, "team", rests_on=frozenset({OWN}))
