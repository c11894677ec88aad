"""What is known below the municipality: inhabitants, projects, team and log; or that nothing is."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from resilience_analysis.batch.tasks import slug
from resilience_analysis.pages.page import OWN, PageSection
from resilience_analysis.pages.render import Views, section_views
from resilience_analysis.pages.sections.housing import project_rows
from resilience_analysis.pages.sections.process_log import entry_rows
from resilience_analysis.pages.sections.summary import big_numbers
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.local_registers import Log, log_of, projects_of


def village_facts(subject: Subject) -> Views:
    """Show what is known below the municipality: inhabitants, projects, team and log; or that nothing is."""
    t = subject.texts
    projects = project_rows(subject, _projects(subject))
    entries = entry_rows(subject, _log(subject))
    people = [] if is_whole(subject) else inhabitants(subject)
    nothing = not projects and not entries and not people and not is_whole(subject)
    text = t("village_facts.nothing", village=subject.village_name) if nothing else f"{len(projects)} / {len(entries)}"
    return section_views(
        "village_facts", subject, text="\n".join([text, *people]), people=people,
        rows=projects, entries=entries, nothing=nothing,
        synthetic=bool(subject.data.tables.synthetic), whole=is_whole(subject), numbers=big_numbers(subject),
        profile=profile_file(subject),
    )  # fmt: skip


def is_whole(subject: Subject) -> bool:
    """Return whether the village is the whole municipality: it is the only one and has its name."""
    villages = subject.data.villages
    names = villages.loc[villages["nis_code"] == subject.nis_code, "name"]
    return len(names) == 1 and str(names.iloc[0]) == subject.place


def inhabitants(subject: Subject) -> list[str]:
    """Return how many people live in the village and how old they are, with day and publisher, or that it is not known.

    A figure is only put beside an earlier one of the same publisher. Nothing where no publisher says anything of it.
    """
    t, table = subject.texts, subject.data.tables.village_figures
    rows = table[table["village_code"] == subject.village]
    if rows.empty:
        return []
    lines = []
    for name, unit, digits in (("population", "count", 0), ("age_65_plus_pct", "%", 1)):
        known = rows[rows[name].notna()]
        said = [_figure(subject, row, t.value(row[name], unit, decimals=digits)) for row in known.to_dict("records")]
        if not said:
            lines.append(t(f"village_facts.no_{name}"))
            continue
        lines.append(t(f"village_facts.{name}", publisher=known["publisher"].iloc[-1], **said[-1]))
        before = [one for one, who in zip(said, known["publisher"], strict=True) if who == known["publisher"].iloc[-1]]
        if len(before) > 1:
            lines.append(t("village_facts.before", **before[0]))
    return [*lines, t("village_facts.apart")]


def _figure(subject: Subject, row: dict[Any, Any], value: str) -> dict[str, str]:
    return {"value": value, "date": subject.texts.date(dt.date.fromisoformat(row["date"]))}


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
