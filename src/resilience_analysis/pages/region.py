"""The regional report, section by section: the municipalities side by side, never ranked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from resilience_analysis.foundation.schemas import STRANDS
from resilience_analysis.pages import context as closing
from resilience_analysis.pages import maps as places
from resilience_analysis.pages import registers as local
from resilience_analysis.pages.render import html, plain_table
from resilience_analysis.pages.show import Section
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.region import (
    alphabetical,
    leaning,
    learning_matrix,
    shared_gaps,
    shared_sides,
    side_by_side,
)

CONTENTS = ("side", "maps", "learn", "shared", "housing", "process", "workshop", "sources")
HEAT_CLASSES = 5
MOST_COLUMNS = 7  # municipalities that fit beside each other on a page


def _parts(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return the rows of each strand, in the order of the strands."""
    strands = [strand for strand in STRANDS if (rows["strand"] == strand).any()]
    return [(strand, rows[rows["strand"] == strand]) for strand in strands]


@dataclass(frozen=True)
class RegionPage:
    """A regional report; every method gives one section, which shows itself in a notebook.

    Attributes
    ----------
    subject
        The region in a language; it has no municipality of its own (``nis_code`` is empty).
    """

    subject: Subject

    def head(self) -> Section:
        """Show name, municipalities and contents."""
        t, subject = self.subject.texts, self.subject
        title = t("region.title", region=subject.region_name)
        names = [str(subject.atlas.names[code]) for code in self._codes]
        contents = [(name, t(f"section.{name}")) for name in CONTENTS]
        tagline = t("region.tagline", names=t.enumerate(names)) if len(names) <= 12 else t("region.count", n=len(names))  # noqa: PLR2004
        view = html(
            "region_head.html.j2", t, text=f"{title}. {tagline}",
            subject=subject, tagline=tagline, contents=contents, banner=local.banner(t, subject.atlas.tables.synthetic),
        )  # fmt: skip
        return Section([view])

    def side_by_side(self) -> Section:
        """Show the factors of all municipalities side by side, with their margins."""
        t, rows = self.subject.texts, side_by_side(self.subject.atlas, self.subject.region)
        wide = rows.pivot_table(index=["dimension", "strand"], columns="nis_code", values="score", sort=False)
        tables = self._across(rows) if len(self._codes) <= MOST_COLUMNS else self._down(rows)
        text = plain_table(wide.reset_index())
        return Section([html("heat.html.j2", t, text=text, subject=self.subject, tables=tables)])

    def _across(self, rows: pd.DataFrame) -> list[dict[str, Any]]:
        """Return one table with a column per municipality, a band per factor and a line per strand."""
        t = self.subject.texts
        bands = [
            {"title": self.subject.dimensions[str(dimension)], "lines": [self._line(*part) for part in _parts(group)]}
            for dimension, group in rows.groupby("dimension", sort=False)
        ]
        first, last = t("factors.column_strand"), t("factors.column_all")
        caption = t("region.side_caption", region=self.subject.region_name)
        return [{"caption": caption, "first": first, "columns": [*self._names, last], "bands": bands, "long": False}]

    def _line(self, strand: str, group: pd.DataFrame) -> dict[str, Any]:
        median = {"known": True, "words": self.subject.score(group["all_median"].iloc[0])}
        cells = [self._cell(row) for row in group.to_dict("records")]
        return {"label": self.subject.texts(f"strand.{strand}"), "cells": [*cells, median]}

    def _down(self, rows: pd.DataFrame) -> list[dict[str, Any]]:
        """Return a table per strand with a line per municipality and a column per factor, for regions with many."""
        t, tables = self.subject.texts, []
        for strand, part in _parts(rows):
            lines = [
                {
                    "label": str(self.subject.atlas.names[code]),
                    "cells": [self._cell(row) for row in own.to_dict("records")],
                }
                for code, own in part.groupby("nis_code", sort=False)
            ]
            columns = [self.subject.dimensions[code] for code in dict.fromkeys(part["dimension"])]
            words = {"strand": t(f"strand.{strand}"), "region": self.subject.region_name}
            tables.append({
                "caption": t("region.strand_caption", **words), "first": t("maps.municipality"), "columns": columns,
                "bands": [{"title": "", "lines": lines}], "long": True,
            })  # fmt: skip
        return tables

    def maps(self) -> Section:
        """Show the region with all names, its place in Flanders, and six indicators on the map."""
        return places.maps(self.subject)

    def learn(self) -> Section:
        """Show who can learn from whom."""
        t, pairs = self.subject.texts, learning_matrix(self.subject.atlas, self.subject.region)
        square = len(self._codes) <= MOST_COLUMNS
        text = plain_table(pairs) if len(pairs) else t("learn.nobody", group=self.subject.region_name)
        view = html(
            "matrix.html.j2", t, text=text, subject=self.subject, names=self._names, pairs=len(pairs), square=square,
            lines=self._matrix(pairs) if square else self._learners(pairs),
        )  # fmt: skip
        return Section([view])

    def _matrix(self, pairs: pd.DataFrame) -> list[dict[str, Any]]:
        """Return a line per municipality with a cell per other: the factors to learn about, None for itself."""
        cells = {
            (str(learner), str(other)): self._factors_of(group)
            for (learner, other), group in pairs.groupby(["nis_code", "other"])
        }
        return [
            {"name": name, "cells": [None if code == other else cells.get((code, other), []) for other in self._codes]}
            for code, name in zip(self._codes, self._names, strict=True)
        ]

    def _factors_of(self, group: pd.DataFrame) -> list[tuple[str, str]]:
        """Return the factors in their order, each with the sides it is seen from."""
        t, found = self.subject.texts, set(zip(group["dimension"], group["strand"], strict=True))
        named = {
            label: [t(f"strand.{strand}").lower() for strand in STRANDS if (code, strand) in found]
            for code, label in self.subject.dimensions.items()
        }
        return [(label, t.enumerate(strands)) for label, strands in named.items() if strands]

    def _learners(self, pairs: pd.DataFrame) -> list[dict[str, Any]]:
        """Return a line per municipality and factor with the names to learn from, for regions with many."""
        names = self.subject.atlas.names
        found = {key: set(group["other"]) for key, group in pairs.groupby(["nis_code", "dimension"])}
        return [
            {"name": str(names[code]), "factor": label, "others": [str(names[other]) for other in others]}
            for code in self._codes
            for dimension, label in self.subject.dimensions.items()
            if (others := [other for other in self._codes if other in found.get((code, dimension), ())])
        ]

    def shared(self) -> Section:
        """Show what all municipalities share: strengths, challenges and gaps."""
        t, subject = self.subject.texts, self.subject
        sides = shared_sides(subject.atlas, subject.region)
        rows = {
            side: [self._shared_row(row) for row in sides[sides["side"] == side].to_dict("records")]
            for side in ("strength", "challenge")
        }
        almost = leaning(subject.atlas, subject.region)
        near = {side: [subject.label(str(code)) for code in part["indicator"]] for side, part in almost.groupby("side")}
        gaps = [subject.label(code) for code in shared_gaps(subject.atlas, subject.region)]
        text = f"{plain_table(sides)}\n{plain_table(almost)}\n{', '.join(gaps)}"
        return Section([html("shared.html.j2", t, text=text, subject=subject, rows=rows, near=near, gaps=gaps)])

    def housing(self) -> Section:
        """Show housing in the region."""
        return local.housing(self.subject)

    def process(self) -> Section:
        """Show the region's monthly meeting, joint projects and backgrounds."""
        return local.process(self.subject)

    def workshop(self) -> Section:
        """Show a page to print and write on, for the meeting."""
        t, subject = self.subject.texts, self.subject
        questions = [item.texts[t.language] for item in subject.atlas.instrument.discussion.items]
        factors = list(subject.dimensions.values())
        text = "\n".join([*factors, *questions])
        return Section([html("workshop.html.j2", t, text=text, subject=subject, factors=factors, questions=questions)])

    def sources(self) -> Section:
        """Show sources and method."""
        return closing.sources(self.subject)

    def show(self) -> Section:
        """Show the whole report."""
        parts = [self.head(), self.side_by_side(), self.maps(), self.learn(), self.shared(), self.housing()]
        parts += [self.process(), self.workshop(), self.sources()]
        return Section([view for part in parts for view in part])

    def _repr_html_(self) -> str:
        return self.show().standalone()

    def __repr__(self) -> str:
        """Name the region."""
        return f"Report of {self.subject.region_name} ({len(self.subject.region.codes)} municipalities)"

    @property
    def _codes(self) -> list[str]:
        return alphabetical(self.subject.atlas, list(self.subject.region.codes))

    @property
    def _names(self) -> list[str]:
        return [str(self.subject.atlas.names[code]) for code in self._codes]

    def _cell(self, row: dict[Any, Any]) -> dict[str, Any]:
        t = self.subject.texts
        if pd.isna(row["score"]):
            return {"known": False, "words": t(f"reason_short.{row['missing_reason']}")}
        margin = ""
        if pd.notna(row["low"]):
            margin = t("span", low=self.subject.score(row["low"]), high=self.subject.score(row["high"]))
        heat = min(int(row["score"] // (100 / HEAT_CLASSES)), HEAT_CLASSES - 1)
        return {"known": True, "words": self.subject.score(row["score"]), "margin": margin, "heat": heat}

    def _shared_row(self, row: dict[Any, Any]) -> dict[str, str]:
        write, code = self.subject.write, row["indicator"]
        ends = self.subject.texts("span", low=write(code, row["least"]), high=write(code, row["most"]))
        return {"label": self.subject.label(code), "span": ends, "median": write(code, row["all_median"])}
