"""The page of one village: what is known below the municipality, its team's check, and three questions."""

from __future__ import annotations

from typing import ClassVar

from resilience_analysis.pages.page import Page, PageTitle
from resilience_analysis.pages.sections.village_facts import is_whole


class VillagePage(Page):
    """The page of a village; it has a method for every section, which shows itself in a notebook."""

    sections: ClassVar[tuple[str, ...]] = ("village_facts", "village_team", "village_questions", "village_map")

    def heading(self) -> PageTitle:
        """Return the name of the village and of its municipality."""
        t, name, place = self.subject.texts, self.subject.village_name, self.subject.place
        whole = is_whole(self.subject)
        return PageTitle(
            kind=t("village.kind"),
            title=name,
            tagline=t("village.tagline_whole" if whole else "village.tagline", village=name, place=place),
            text=t("village.title", village=name) + ("" if whole else f" ({place})"),
        )

    def __repr__(self) -> str:
        """Name the village and its municipality."""
        return f"Village {self.subject.village} {self.subject.village_name} in {self.subject.place}"
