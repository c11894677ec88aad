"""Housing in the region: stock, permits, sales and projects beside the households to come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.transforms import ScaledTranslation

from resilience_analysis.drawing.charts import draw_projects
from resilience_analysis.drawing.layers import Plate, in_style, new_figure
from resilience_analysis.drawing.maps import draw_choropleth, draw_highlight, draw_names, frame, scale_bar
from resilience_analysis.pages.base_maps import (
    MANY,
    class_patches,
    classes_of,
    map_size,
    name_again,
    region_shapes,
    suppressed,
)
from resilience_analysis.pages.invented import invented
from resilience_analysis.pages.registry import REGION, PageSection
from resilience_analysis.pages.render import html, plain_table, render
from resilience_analysis.pages.subject import Subject
from resilience_analysis.pages.views import Html, Picture, Views
from resilience_analysis.profiles.housing import COLUMNS, housing_balance, projects_of
from resilience_analysis.profiles.process_log import local_words

_ABOVE_DOTS = 12  # points that names stand higher, where the dots of projects would cover them
GROWTH = "ctx_households_growth"


def housing(subject: Subject) -> Views:
    """Show housing in the region: stock, permits, sales and projects against the growth of households to 2040."""
    t = subject.texts
    balance = housing_balance(subject.data, list(subject.region.codes))
    rows = [_balance_row(subject, str(code), row) for code, row in balance.iterrows()]
    view = html(
        "housing/section.html.j2", t, text=plain_table(balance.reset_index()), subject=subject, rows=rows,
        empty=subject.data.tables.housing.empty, columns=COLUMNS[:-1],
        synthetic=invented(subject, "housing") and not projects_of(subject.data, list(subject.region.codes)).empty,
    )  # fmt: skip
    return Views([view, housing_map(subject), *_project_table(subject)])


def _balance_row(subject: Subject, code: str, row: pd.Series) -> dict[str, Any]:
    t = subject.texts
    cells = {}
    for name in COLUMNS[:-1]:
        value = row[name]
        written = t("missing_mark") if pd.isna(value) else t.number(value, sign=name == "growth")
        cells[name] = written
    return {"own": code == subject.nis_code, "name": str(subject.data.names[code]), "cells": cells}


def housing_map(subject: Subject) -> Picture:
    """Show the growth of households on the map, with a dot per housing project."""
    t, data = subject.texts, subject.data
    key = ("housing map", t.language, *subject.region.codes)
    plate = data.keep(key, lambda: _housing_plate(subject))
    projects = projects_of(data, list(subject.region.codes))
    caption = t("housing.map", region=subject.region_name, count=len(projects))
    source = data.catalogue[data.framework.context[GROWTH].source]
    shown = data.values.loc[list(subject.region.codes), [GROWTH]]
    return Picture(
        png=plate.png(lambda axes: _projects_and_outline(axes, subject, projects)),
        alt=t("housing.map_alt", region=subject.region_name, count=len(projects)),
        caption=f"{caption} {t('map.source', sources=source.citation)} {t('map.boundaries')}",
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
    draw_choropleth(ax, region, subject.data.values[GROWTH], classes, suppressed(subject, GROWTH))
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
    projects = projects_of(subject.data, list(subject.region.codes))
    if projects.empty:
        return []
    rows, synthetic = project_rows(subject, projects), invented(subject, "housing")
    shown = plain_table(projects[["project", "nis_code", "village", "units", "phase"]])
    return [html("housing/projects.html.j2", subject.texts, text=shown, rows=rows, synthetic=synthetic)]


def project_rows(subject: Subject, projects: pd.DataFrame) -> list[dict[str, str]]:
    """Return housing projects (from `profiles.housing.projects_of`), written out."""
    t, words = subject.texts, local_words(subject.data)["housing"]
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
    return ", ".join(dict.fromkeys(filter(None, [str(subject.data.names[row["nis_code"]]), str(row["village"])])))


def _count(subject: Subject, value: float) -> str:
    return subject.texts("missing_mark") if pd.isna(value) else subject.texts.number(value)


def _years(row: Mapping[Any, Any]) -> str:
    known = [str(int(row[name])) for name in ("start_year", "completion_year") if pd.notna(row[name])]
    return "-".join(known)


SECTION = PageSection(housing, "housing", rests_on=frozenset({REGION}))
