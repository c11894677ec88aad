"""What is known below the municipality: projects, team and log; or that nothing is."""

from __future__ import annotations

import pandas as pd

from resilience_analysis.pages.registry import OWN, PageSection
from resilience_analysis.pages.render import html
from resilience_analysis.pages.sections.housing import project_rows
from resilience_analysis.pages.sections.process_log import entry_rows
from resilience_analysis.pages.subject import Subject
from resilience_analysis.pages.views import Views
from resilience_analysis.profiles.housing import projects_of
from resilience_analysis.profiles.process_log import Log, log_of


def village_facts(subject: Subject) -> Views:
    """Show what is known below the municipality: projects, team and log; or that nothing is."""
    t = subject.texts
    projects = project_rows(subject, _projects(subject))
    entries = entry_rows(subject, _log(subject))
    nothing = not projects and not entries
    text = t("village_facts.nothing", village=subject.village_name) if nothing else f"{len(projects)} / {len(entries)}"
    view = html(
        "village_facts/section.html.j2", t, text=text, subject=subject, rows=projects, entries=entries, nothing=nothing,
        synthetic=bool(subject.data.tables.synthetic),
    )  # fmt: skip
    return Views([view])


def _projects(subject: Subject) -> pd.DataFrame:
    rows = projects_of(subject.data, [subject.nis_code])
    return rows[rows["village"] == subject.village_name]


def _log(subject: Subject) -> Log:
    log = log_of(subject.data, subject.nis_code)
    entries = log.entries[log.entries["village"] == subject.village_name] if len(log.entries) else log.entries
    return Log(log.year, entries, log.meetings.iloc[:0], (), ())


SECTION = PageSection(village_facts, "known", rests_on=frozenset({OWN}))
