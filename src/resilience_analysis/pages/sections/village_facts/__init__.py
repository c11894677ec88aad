"""What is known below the municipality: projects, team and log; or that nothing is."""

from __future__ import annotations

import pandas as pd

from resilience_analysis.batch.tasks import slug
from resilience_analysis.pages.registry import OWN, PageSection
from resilience_analysis.pages.render import html
from resilience_analysis.pages.sections.housing import project_rows
from resilience_analysis.pages.sections.process_log import entry_rows
from resilience_analysis.pages.sections.summary import big_numbers
from resilience_analysis.pages.subject import Subject
from resilience_analysis.pages.views import Views
from resilience_analysis.profiles.housing import projects_of
from resilience_analysis.profiles.process_log import Log, log_of


def village_facts(subject: Subject) -> Views:
    """Show what is known below the municipality: projects, team and log; or that nothing is."""
    t = subject.texts
    projects = project_rows(subject, _projects(subject))
    entries = entry_rows(subject, _log(subject))
    nothing = not projects and not entries and not is_whole(subject)
    text = t("village_facts.nothing", village=subject.village_name) if nothing else f"{len(projects)} / {len(entries)}"
    view = html(
        "village_facts/section.html.j2", t, text=text, subject=subject, rows=projects, entries=entries, nothing=nothing,
        synthetic=bool(subject.data.tables.synthetic), whole=is_whole(subject), numbers=big_numbers(subject),
        profile=profile_file(subject),
    )  # fmt: skip
    return Views([view])


def is_whole(subject: Subject) -> bool:
    """Whether the village is the whole municipality: it is the only one and has its name."""
    villages = subject.data.villages
    names = villages.loc[villages["nis_code"] == subject.nis_code, "name"]
    return len(names) == 1 and str(names.iloc[0]) == subject.place


def profile_file(subject: Subject) -> str:
    """Return the file of the profile of the municipality, which lies beside the page of a village."""
    return f"{subject.nis_code}-{slug(subject.place)}.{subject.texts.language}.html"


def _projects(subject: Subject) -> pd.DataFrame:
    rows = projects_of(subject.data, [subject.nis_code])
    return rows[rows["village"] == subject.village_name]


def _log(subject: Subject) -> Log:
    log = log_of(subject.data, subject.nis_code)
    entries = log.entries[log.entries["village"] == subject.village_name] if len(log.entries) else log.entries
    return Log(log.year, entries, log.meetings.iloc[:0], (), ())


SECTION = PageSection(village_facts, "known", rests_on=frozenset({OWN}))
