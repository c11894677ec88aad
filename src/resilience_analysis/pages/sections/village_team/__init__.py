"""The check of a village team: its success factors, when enough of the team answered."""

from __future__ import annotations

import pandas as pd

from resilience_analysis.pages.page import OWN, PageSection
from resilience_analysis.pages.render import Views, section_views
from resilience_analysis.pages.sections.self_assessment import statement
from resilience_analysis.pages.subject import Subject
from resilience_analysis.survey.outcomes import team_check


def village_team_section(subject: Subject) -> Views:
    """Show the village team's check: its eight success factors, when enough of the team answered."""
    t = subject.texts
    section = subject.data.instrument.village_team.section
    found = _team_rows(subject)
    by_code = {} if found.empty else found.set_index("code").to_dict("index")
    rows = [statement(subject, item.id, item.texts[t.language], by_code) for item in section.items]
    answered = any(row["known"] for row in rows)
    least = subject.data.instrument.village_team.least_team_size
    text = "\n".join(row["words"] for row in rows)
    return section_views(
        "village_team", subject, text=text, rows=rows, answered=answered, least=least,
        synthetic=subject.is_invented("self_assessment"),
    )  # fmt: skip


def _team_rows(subject: Subject) -> pd.DataFrame:
    table = subject.data.tables.estimates
    if table.empty:
        return table
    rows = team_check(table, subject.data.instrument)
    rows = rows[(rows["nis_code"] == subject.nis_code) & (rows["group"] == f"village:{subject.village_name}")]
    return rows.sort_values("wave").drop_duplicates("code", keep="last")


SECTION = PageSection(village_team_section, "team", rests_on=frozenset({OWN}))
