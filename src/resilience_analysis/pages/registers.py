"""What the region keeps itself: housing projects and the process log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.transforms import ScaledTranslation

from resilience_analysis.data.registers import parts
from resilience_analysis.drawing.charts import draw_projects
from resilience_analysis.drawing.inline import timeline
from resilience_analysis.drawing.layers import Plate, in_style, new_figure
from resilience_analysis.drawing.maps import draw_choropleth, draw_highlight, draw_names, frame, scale_bar
from resilience_analysis.foundation.texts import Texts
from resilience_analysis.pages.maps import (
    MANY,
    class_patches,
    classes_of,
    map_size,
    name_again,
    region_shapes,
    suppressed,
)
from resilience_analysis.pages.render import html, plain_table, render
from resilience_analysis.pages.show import Html, Picture, Section
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.housing import COLUMNS, housing_balance, projects_of
from resilience_analysis.profiles.process_log import Log, local_words, log_of, region_log

_ABOVE_DOTS = 12  # points that names stand higher, where the dots of projects would cover them
GROWTH = "ctx_households_growth"
STRAND = "process"


def banner(texts: Texts, invented_tables: Sequence[str]) -> str:
    """Return the warning that some tables hold invented data; empty when none does."""
    if not invented_tables:
        return ""
    return texts("synthetic.banner", list=texts.enumerate(texts(f"synthetic.{name}") for name in invented_tables))


def invented(subject: Subject, table: str) -> bool:
    """Whether a table holds invented examples."""
    return table in subject.atlas.tables.synthetic


def housing(subject: Subject) -> Section:
    """Show housing in the region: stock, permits, sales and projects against the growth of households to 2040."""
    t = subject.texts
    balance = housing_balance(subject.atlas, list(subject.region.codes))
    rows = [_balance_row(subject, str(code), row) for code, row in balance.iterrows()]
    view = html(
        "housing.html.j2", t, text=plain_table(balance.reset_index()), subject=subject, rows=rows,
        empty=subject.atlas.tables.housing.empty, columns=COLUMNS[:-1],
        synthetic=invented(subject, "housing") and not projects_of(subject.atlas, list(subject.region.codes)).empty,
    )  # fmt: skip
    return Section([view, housing_map(subject), *_project_table(subject)])


def _balance_row(subject: Subject, code: str, row: pd.Series) -> dict[str, Any]:
    t = subject.texts
    cells = {}
    for name in COLUMNS[:-1]:
        value = row[name]
        written = t("missing_mark") if pd.isna(value) else t.number(value, sign=name == "growth")
        cells[name] = written
    return {"own": code == subject.nis_code, "name": str(subject.atlas.names[code]), "cells": cells}


def housing_map(subject: Subject) -> Picture:
    """Show the growth of households on the map, with a dot per housing project."""
    t, atlas = subject.texts, subject.atlas
    key = ("housing map", t.language, *subject.region.codes)
    plate = atlas.keep(key, lambda: _housing_plate(subject))
    projects = projects_of(atlas, list(subject.region.codes))
    caption = t("housing.map", region=subject.region_name, count=len(projects))
    source = atlas.catalogue[atlas.framework.context[GROWTH].source]
    shown = atlas.values.loc[list(subject.region.codes), [GROWTH]]
    return Picture(
        png=plate.png(lambda axes: _projects_and_outline(axes, subject, projects)),
        alt=t("housing.map_alt", region=subject.region_name, count=len(projects)),
        caption=f"{caption} {t('maps.source', sources=source.citation)} {t('maps.boundaries_source')}",
        table=render("map_table.html.j2", t, subject=subject, codes=[GROWTH], table=shown),
        text=f"{caption}\n{plain_table(shown.reset_index())}",
        width=plate.width,
    )


@in_style
def _housing_plate(subject: Subject) -> Plate:
    region = region_shapes(subject)
    height, width = map_size(region)
    figure = new_figure(height + 0.75, width=width)
    ax = figure.add_axes((0, 0.75 / (height + 0.75), 1, height / (height + 0.75)))
    frame(ax, region)
    classes = classes_of(subject, GROWTH)
    draw_choropleth(ax, region, subject.atlas.values[GROWTH], classes, suppressed(subject, GROWTH))
    lifted = ScaledTranslation(0, _ABOVE_DOTS / 72, figure.dpi_scale_trans)
    for words in draw_names(ax, region, size=10 if len(region) <= MANY else 9):
        words.set_transform(words.get_transform() + lifted)
    scale_bar(ax, region)
    figure.legend(
        handles=class_patches(subject, GROWTH, classes), loc="lower left", ncols=3,
        title=f"{subject.label(GROWTH)} (%)", alignment="left", handlelength=1, handleheight=0.9, columnspacing=1.2,
    )  # fmt: skip
    return Plate(figure, {"map": ax})


def _projects_and_outline(axes: Mapping[str, Axes], subject: Subject, projects: pd.DataFrame) -> list[Artist]:
    ax = axes["map"]
    region = region_shapes(subject)
    shown = [*draw_highlight(ax, region, subject.nis_code), *draw_projects(ax, projects)]
    for name in region["name"]:
        shown += name_again(ax, name, weight="bold" if name == subject.place else "normal")
    return shown


def _project_table(subject: Subject) -> list[Html]:
    projects = projects_of(subject.atlas, list(subject.region.codes))
    if projects.empty:
        return []
    rows, synthetic = project_rows(subject, projects), invented(subject, "housing")
    shown = plain_table(projects[["project", "nis_code", "village", "units", "phase"]])
    return [html("projects.html.j2", subject.texts, text=shown, rows=rows, synthetic=synthetic)]


def project_rows(subject: Subject, projects: pd.DataFrame) -> list[dict[str, str]]:
    """Return housing projects (from `profiles.housing.projects_of`), written out."""
    t, words = subject.texts, local_words(subject.atlas)["housing"]
    return [
        {
            **{name: str(row[name]) for name in ("name", "source")},
            "place": _place(subject, row),
            "units": _count(subject, row["units"]),
            "social": _count(subject, row["social_units"]),
            "type": t.pick(words["types"][row["type"]]) if row["type"] in words["types"] else t("missing_mark"),
            "phase": t.pick(words["phases"][row["phase"]]) if row["phase"] in words["phases"] else t("missing_mark"),
            "years": _years(row),
        }
        for row in projects.to_dict("records")
    ]


def _place(subject: Subject, row: Mapping[Any, Any]) -> str:
    """Name the municipality, and the village when it is named otherwise."""
    return ", ".join(dict.fromkeys(filter(None, [str(subject.atlas.names[row["nis_code"]]), str(row["village"])])))


def _count(subject: Subject, value: float) -> str:
    return subject.texts("missing_mark") if pd.isna(value) else subject.texts.number(value)


def _years(row: Mapping[Any, Any]) -> str:
    known = [str(int(row[name])) for name in ("start_year", "completion_year") if pd.notna(row[name])]
    return "-".join(known)


def process(subject: Subject) -> Section:
    """Show the process log: meetings kept, who was around the table, teams, pilots and feedback."""
    t, log = subject.texts, _log(subject)
    rows = _measure_rows(subject) if subject.nis_code else []
    view = html(
        "process.html.j2", t, text=_process_text(subject, log, rows), subject=subject, log=log, rows=rows,
        kept=_kept(subject, log),
        line=timeline(log.meetings, label=_timeline_label(subject, log), months=t("process.months").split()),
        entries=entry_rows(subject, log), present=[str(subject.atlas.names[code]) for code in log.municipalities],
        backgrounds=[_background(subject, name) for name in log.backgrounds],
        synthetic=invented(subject, "process"),
    )  # fmt: skip
    return Section([view])


def _measure_rows(subject: Subject) -> list[dict[str, Any]]:
    t, table = subject.texts, subject.indicators
    return [
        {
            "label": t.pick(member.label),
            "factor": subject.dimensions[member.dimension],
            "value": subject.write(member.id, table["value"][member.id]),
            "n": table["n"][member.id],
            "known": pd.notna(table["value"][member.id]),
            "reason": _reason(subject, member.id),
        }
        for member in subject.atlas.framework.indicators.values()
        if member.strand == STRAND
    ]


def _process_text(subject: Subject, log: Log, rows: list[dict[str, Any]]) -> str:
    lines = [f"{row['label']}: {row['value'] if row['known'] else row['reason']}" for row in rows]
    return "\n".join([_timeline_label(subject, log), _kept(subject, log), *lines])


def _log(subject: Subject) -> Log:
    if subject.nis_code:
        return log_of(subject.atlas, subject.nis_code)
    return region_log(subject.atlas, subject.region)


def _reason(subject: Subject, code: str) -> str:
    reason = subject.indicators["missing_reason"][code]
    return "" if pd.isna(reason) else subject.texts(f"reason.{reason}")


def _timeline_label(subject: Subject, log: Log) -> str:
    held = int(log.meetings["held"].sum()) if len(log.meetings) else 0
    return subject.texts("process.timeline_alt", year=log.year or "", held=held, agreed=len(log.meetings))


def _kept(subject: Subject, log: Log) -> str:
    """Say how many meetings were held, and in how many months: whether a monthly meeting is one."""
    if log.meetings.empty:
        return ""
    held = log.meetings[log.meetings["held"]]
    return subject.texts("process.kept", held=len(held), agreed=len(log.meetings), months=held["month"].nunique())


def entry_rows(subject: Subject, log: Log) -> list[dict[str, str]]:
    """Return the entries of the log that are not meetings (teams, events, pilots), written out."""
    t, words = subject.texts, local_words(subject.atlas)["process"]
    if log.entries.empty:
        return []
    others = log.entries[~log.entries["type"].isin(words["meetings"])]
    return [
        {
            "date": t.short_date(dt.date.fromisoformat(row["date"])),
            "type": t.pick(words["types"][row["type"]]),
            "name": row["name"],
            "village": row["village"] if pd.notna(row["village"]) else "",
            "status": ", ".join(_states(subject, row, words)),
        }
        for row in others.to_dict("records")
    ]


def _states(subject: Subject, row: Mapping[Any, Any], words: Mapping[str, Any]) -> list[str]:
    t = subject.texts
    found = [t.pick(words["statuses"][row["status"]])]
    if isinstance(row["phase"], str) and row["phase"]:
        found.append(t.pick(words["phases"][row["phase"]]))
    if isinstance(row["roles"], str) and row["roles"]:
        present = parts(row["roles"])
        named = ", ".join(t.pick(words["roles"][role]) for role in present)
        found.append(t("process.roles", have=len(present), all=len(words["roles"]), list=named))
    if isinstance(row["evaluated"], str) and row["evaluated"]:
        found.append(t("process.evaluated" if row["evaluated"] in words["done"] else "process.not_evaluated"))
    if isinstance(row["feedback_on"], str) and row["feedback_on"]:
        found.append(t("process.feedback", date=t.short_date(dt.date.fromisoformat(row["feedback_on"]))))
    return found


def _background(subject: Subject, name: str) -> str:
    choices = subject.atlas.instrument.question("background").choices
    labels = {choice.id: choice.texts[subject.texts.language] for choice in choices}
    return str(labels.get(name, name))
