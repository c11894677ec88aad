"""The regional report: the municipalities side by side, never ranked."""

from __future__ import annotations

from typing import ClassVar

from resilience_analysis.pages.page import Page, PageTitle

MOST_NAMES = 12  # municipalities that a tagline names


class RegionPage(Page):
    """A regional report; it has a method for every section, which shows itself in a notebook."""

    sections: ClassVar[tuple[str, ...]] = (
        "region_whole", "side_by_side", "maps", "learning", "shared", "housing", "process_log", "workshop", "sources",
    )  # fmt: skip

    def heading(self) -> PageTitle:
        """Return the name of the region and those of its municipalities."""
        t, subject = self.subject.texts, self.subject
        names = list(subject.members.values())
        few = len(names) <= MOST_NAMES
        tagline = t("region.tagline", names=t.enumerate(names)) if few else t("region.count", n=len(names))
        return PageTitle(
            kind=t("region.kind"), title=f"{subject.region_name[:1].upper()}{subject.region_name[1:]}", tagline=tagline,
            about=t("region.order"), text=f"{t('region.title', region=subject.region_name)}. {tagline}",
        )  # fmt: skip

    def __repr__(self) -> str:
        """Name the region."""
        return f"Report of {self.subject.region_name} ({len(self.subject.region.codes)} municipalities)"
