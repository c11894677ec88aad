"""What is known below the municipality: inhabitants, projects, team and log; or that nothing is."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from resilience_analysis.batch.tasks import slug
from resilience_analysis.pages.page import OWN, PageSection
from resilience_analysis.pages.render import Views, section_views
from resilience_analysis.pages.sections.housing import project_rows
from resilience_analysis.pages.sections.process_log import entry_rows
from resilience_analysis.pages.sections.summary import big_numbers
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.local_registers import log_of, projects_of


def village_facts(subject: Subject) -> Views:
    """Show what is known below the municipality: inhabitants, projects, team and log; or that nothing is."""
    t, data, village, whole = subject.texts, subject.data, subject.village_name, is_whole(subject)
    planned = projects_of(data, [subject.nis_code])
    projects = project_rows(subject, planned[planned["village"] == village])
    log = log_of(data, subject.nis_code)
    of_village = log.entries[log.entries["village"] == village] if len(log.entries) else log.entries
    entries = entry_rows(subject, replace(log, entries=of_village))
    people = [] if whole else inhabitants(subject)
    nothing = not (projects or entries or people or whole)
    text = t("village_facts.nothing", village=village) if nothing else f"{len(projects)} / {len(entries)}"
    profile = f"{subject.nis_code}-{slug(subject.place)}.{t.language}.html"  # lies beside the page of a village
    return section_views(
        "village_facts", subject, text="\n".join([text, *people]), people=people, rows=projects, entries=entries,
        nothing=nothing, synthetic=bool(data.tables.synthetic), whole=whole, numbers=big_numbers(subject),
        profile=profile,
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
    t, table, lines = subject.texts, subject.data.tables.village_figures, []
    rows = table[table["village_code"] == subject.village]
    if rows.empty:
        return []
    for name, unit, digits in (("population", "count", 0), ("age_65_plus_pct", "%", 1)):
        known = rows[rows[name].notna()]
        if known.empty:
            lines.append(t(f"village_facts.no_{name}"))
            continue
        publisher = known["publisher"].iloc[-1]
        said = [
            {"value": t.value(value, unit, decimals=digits), "date": t.date(dt.date.fromisoformat(day))}
            for value, day in known.loc[known["publisher"] == publisher, [name, "date"]].itertuples(index=False)
        ]
        lines.append(t(f"village_facts.{name}", publisher=publisher, **said[-1]))
        if len(said) > 1:
            lines.append(t("village_facts.before", **said[0]))
    return [*lines, t("village_facts.apart")]


SECTION = PageSection(village_facts, "known", rests_on=frozenset({OWN}))
