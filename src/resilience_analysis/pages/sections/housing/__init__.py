"""Housing in the region: stock, permits, sales and projects beside the households to come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from resilience_analysis.drawing.charts import draw_projects
from resilience_analysis.drawing.layers import TOP, Base, Drawing, Shown
from resilience_analysis.drawing.maps import draw_names, scale_bar
from resilience_analysis.pages import base_maps as of_region
from resilience_analysis.pages.page import REGION, PageSection
from resilience_analysis.pages.render import Html, Picture, Views, html, picture, plain_table
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.profiles.local_registers import COLUMNS, housing_balance, local_words, projects_of

_ABOVE_DOTS = 12  # points that names are placed higher, where the dots of projects would cover them
_NAMES = TOP + 4  # names lie above the dots too
_LETTERS_PER_INCH = 12  # of a legend


def housing(subject: Subject) -> Views:
    """Show housing in the region: stock, permits, sales and projects beside the growth of households."""
    t = subject.texts
    codes = of_region.table_codes(subject)
    rows, text = _balance(subject, codes)
    view = html(
        "housing/section.html.j2", t, text=text, subject=subject, rows=rows, cut=of_region.cut(subject, len(codes)),
        empty=subject.data.tables.housing.empty, columns=COLUMNS[:-1],
        synthetic=subject.is_invented("housing") and not _projects(subject).empty,
    )  # fmt: skip
    return Views([view, housing_map(subject), *_project_table(subject)])


def _projects(subject: Subject) -> pd.DataFrame:
    codes = subject.region.codes
    return subject.data.keep(("projects", *codes), lambda: projects_of(subject.data, list(codes)))


def _balance(subject: Subject, codes: list[str]) -> tuple[list[dict[str, Any]], str]:
    def make() -> tuple[list[dict[str, Any]], str]:
        balance = housing_balance(subject.data, codes)
        rows = [
            {"code": code, "cells": {name: subject.number(row[name], sign=name == "growth") for name in COLUMNS[:-1]}}
            for code, row in balance.iterrows()
        ]
        return rows, plain_table(balance.reset_index())

    return subject.data.keep(("balance", subject.texts.language, *codes), make)


def housing_map(subject: Subject) -> Picture:
    """Show the growth of households on the map, with a dot per housing project."""
    t, data, base = subject.texts, subject.data, _housing_base(subject)
    caption, alt = map_words(subject, len(_projects(subject)))
    source = data.catalogue[data.framework.context[mapped_growth(data)].source]
    table, text = _growth_table(subject)
    return picture(
        Drawing(base, of_region.own_outlines(base, subject)), t, alt=alt, table=table, text=f"{caption}\n{text}",
        caption=f"{caption} {t('map.source', sources=t.pick(source.citation))} {t('map.boundaries')}",
        crowded=len(subject.region.codes) > of_region.MANY,
    )  # fmt: skip


def _housing_base(subject: Subject) -> Base:
    return of_region.map_base(subject, "housing map", _draw_housing, worded=True)


def _growth_table(subject: Subject) -> tuple[str, str]:
    return of_region.map_table(subject, [mapped_growth(subject.data)], digits=1)


def _prepare(subject: Subject) -> None:
    _housing_base(subject)
    _growth_table(subject)
    _projects(subject)
    _balance(subject, of_region.table_codes(subject))


def map_words(subject: Subject, projects: int) -> tuple[str, str]:
    """Return the caption and the description of the map, which are silent on projects where there are none."""
    t, region = subject.texts, subject.region_name
    if projects == 0:
        return t("housing.no_projects", region=region), t("housing.no_projects_alt", region=region)
    blanks = {"region": region, "count": projects}
    return t("housing.map", **blanks), t("housing.map_alt", **blanks)


def _draw_housing(subject: Subject) -> Shown:
    from matplotlib.transforms import ScaledTranslation  # noqa: PLC0415 - only what is drawn anew

    region, growth = of_region.region_shapes(subject), mapped_growth(subject.data)
    # the legend lies below: as wide as the map
    width = of_region.new_map(region)[0].get_figwidth()
    title = of_region.map_title(subject, growth, letters=round(_LETTERS_PER_INCH * width))
    figure, ax = of_region.new_map(region, below=0.75 + 0.16 * title.count("\n"))
    of_region.draw_classes(ax, subject, growth)
    of_region.add_slot(ax)
    draw_projects(ax, _projects(subject))
    lifted = ScaledTranslation(0, _ABOVE_DOTS / 72, figure.dpi_scale_trans)
    for words in draw_names(ax, region, size=10 if len(region) <= of_region.MANY else 9):
        words.set_transform(words.get_transform() + lifted)
        words.set_zorder(_NAMES)
    scale_bar(ax, region)
    figure.legend(
        handles=of_region.class_patches(subject, growth), loc="lower left", ncols=3, title=title, alignment="left",
        handlelength=1, handleheight=0.9, columnspacing=1.2,
    )  # fmt: skip
    return figure, {"map": ax}


def _project_table(subject: Subject) -> list[Html]:
    projects = _projects(subject)
    if projects.empty:
        return []
    rows, synthetic = project_rows(subject, projects), subject.is_invented("housing")
    shown = plain_table(projects[["project", "nis_code", "village", "units", "phase"]])
    return [html("housing/projects.html.j2", subject.texts, text=shown, rows=rows, synthetic=synthetic)]


def project_rows(subject: Subject, projects: pd.DataFrame) -> list[dict[str, str]]:
    """Return housing projects (from `profiles.local_registers.projects_of`), written out."""
    return [_project_row(subject, row) for row in projects.to_dict("records")]


def _project_row(subject: Subject, row: Mapping[Any, Any]) -> dict[str, str]:
    t, words = subject.texts, local_words(subject.data)["housing"]
    said = {name: words[f"{name}s"].get(row[name]) for name in ("type", "phase")}
    # the municipality, and the village when it is named otherwise
    places = dict.fromkeys(filter(None, [str(subject.data.names[row["nis_code"]]), str(row["village"])]))
    return {
        **{name: str(row[name]) for name in ("name", "source")},
        **{name: t.pick(known) if known else t("missing_mark") for name, known in said.items()},
        "place": ", ".join(places),
        "units": subject.number(row["units"]), "social": subject.number(row["social_units"]),
        "years": "-".join(str(int(row[end])) for end in ("start_year", "completion_year") if pd.notna(row[end])),
    }  # fmt: skip


def mapped_growth(data: Dataset) -> str:
    """Return the context indicator on the map of housing; empty for a project that has no such section."""
    return str((local_words(data)["housing"].get("balance") or {}).get("mapped", ""))


SECTION = PageSection(
    housing, "housing", rests_on=frozenset({REGION}), present=lambda subject: mapped_growth(subject.data) != "",
    prepare=_prepare,
)  # fmt: skip
