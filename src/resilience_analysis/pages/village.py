"""The page of one village: what is known below the municipality, its team's check, and three questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from resilience_analysis.drawing.layers import palette
from resilience_analysis.drawing.maps import draw_areas
from resilience_analysis.pages import maps as places
from resilience_analysis.pages import registers as local
from resilience_analysis.pages import self_assessment as people
from resilience_analysis.pages.render import html
from resilience_analysis.pages.show import Picture, Section
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.housing import projects_of
from resilience_analysis.profiles.process_log import Log, log_of
from resilience_analysis.survey.outcomes import team_check

CONTENTS = ("known", "team", "village", "map")
_OUTLINE = 10


@dataclass(frozen=True)
class VillagePage:
    """The page of a village; every method gives one section, which shows itself in a notebook.

    Attributes
    ----------
    subject
        The municipality it belongs to, in a language.
    code
        Code of the village.
    """

    subject: Subject
    code: str

    @cached_property
    def name(self) -> str:
        """Name of the village."""
        return str(self._row["name"])

    @property
    def _row(self) -> Mapping[str, Any]:
        villages = self.subject.atlas.villages
        return dict(villages[villages["village_code"] == self.code].iloc[0])

    def head(self) -> Section:
        """Show the name of the village and of its municipality."""
        t = self.subject.texts
        title = t("village.title", village=self.name)
        contents = [(name, t(f"section.{name}")) for name in CONTENTS]
        view = html(
            "village_head.html.j2", t, text=f"{title} ({self.subject.place})",
            page=self, contents=contents, banner=local.banner(t, self.subject.atlas.tables.synthetic),
        )  # fmt: skip
        return Section([view])

    def known(self) -> Section:
        """Show what is known below the municipality: projects, team and log; or that nothing is."""
        t = self.subject.texts
        projects = local.project_rows(self.subject, self._projects)
        entries = local.entry_rows(self.subject, self._log)
        nothing = not projects and not entries
        text = t("village.nothing", village=self.name) if nothing else f"{len(projects)} / {len(entries)}"
        view = html(
            "village_known.html.j2", t, text=text, page=self, rows=projects, entries=entries, nothing=nothing,
            synthetic=bool(self.subject.atlas.tables.synthetic),
        )  # fmt: skip
        return Section([view])

    def team(self) -> Section:
        """Show the village team's check: its eight success factors, when enough of the team answered."""
        t, subject = self.subject.texts, self.subject
        section = subject.atlas.instrument.village_team.section
        found = self._team_rows()
        by_code = {} if found.empty else found.set_index("code").to_dict("index")
        rows = [people.statement(subject, item.id, item.texts[t.language], by_code) for item in section.items]
        answered = any(row["known"] for row in rows)
        least = subject.atlas.instrument.village_team.least_team_size
        text = "\n".join(row["words"] for row in rows)
        view = html(
            "village_team.html.j2", t, text=text, page=self, rows=rows, answered=answered, least=least,
            synthetic=local.invented(subject, "self_assessment"),
        )  # fmt: skip
        return Section([view])

    def questions(self) -> Section:
        """Show the deck's three questions, with room to write."""
        t = self.subject.texts
        questions = [item.texts[t.language] for item in self.subject.atlas.instrument.discussion.items]
        return Section([html("village_questions.html.j2", t, text="\n".join(questions), questions=questions)])

    def map(self) -> Section:
        """Show the village among the others of the region."""
        t = self.subject.texts
        opening = html("heading.html.j2", t, text=t("section.map"), name="map", intro="")
        plate = places.village_plate(self.subject)
        caption = t("village.map", village=self.name, place=self.subject.place)
        picture = Picture(
            png=plate.png(self._outline),
            alt=t("village.map_alt", village=self.name, place=self.subject.place, region=self.subject.region_name),
            caption=f"{caption} {t('maps.boundaries_source')}",
            table="",
            text=caption,
            width=plate.width,
        )
        return Section([opening, picture])

    def show(self) -> Section:
        """Show the whole page."""
        parts = [self.head(), self.known(), self.team(), self.questions(), self.map()]
        return Section([view for part in parts for view in part])

    def _repr_html_(self) -> str:
        return self.show().standalone()

    def __repr__(self) -> str:
        """Name the village and its municipality."""
        return f"Village {self.code} {self.name} in {self.subject.place}"

    @property
    def _projects(self) -> pd.DataFrame:
        rows = projects_of(self.subject.atlas, [self.subject.nis_code])
        return rows[rows["village"] == self.name]

    @property
    def _log(self) -> Log:
        log = log_of(self.subject.atlas, self.subject.nis_code)
        entries = log.entries[log.entries["village"] == self.name] if len(log.entries) else log.entries
        return Log(log.year, entries, log.meetings.iloc[:0], (), ())

    def _team_rows(self) -> pd.DataFrame:
        table = self.subject.atlas.tables.estimates
        if table.empty:
            return table
        rows = team_check(table, self.subject.atlas.instrument)
        rows = rows[(rows["nis_code"] == self.subject.nis_code) & (rows["group"] == f"village:{self.name}")]
        return rows.sort_values("wave").drop_duplicates("code", keep="last")

    def _outline(self, axes: Mapping[str, Axes]) -> list[Artist]:
        villages = self.subject.atlas.villages
        own = villages[villages["village_code"] == self.code]
        colour = palette()["group"]
        return [
            artist
            for ax in axes.values()
            for artist in (
                draw_areas(ax, own, colours="none", edge=colour, width=2.4, zorder=_OUTLINE),
                *places.name_again(ax, self.name),
            )
        ]
