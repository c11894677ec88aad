"""The profile of one municipality."""

from __future__ import annotations

from typing import ClassVar

from resilience_analysis.pages.page import Page, PageTitle
from resilience_analysis.pages.render import Views
from resilience_analysis.pages.sections.factor_details import factor
from resilience_analysis.profiles.rows import without


class ProfilePage(Page):
    """A profile; it has a method for every section, which shows itself in a notebook."""

    sections: ClassVar[tuple[str, ...]] = (
        "summary", "key_messages", "reading_guide", "factors", "factor_details", "self_assessment", "maps", "context",
        "housing", "process_log", "unknown", "learning", "next_steps", "glossary", "sources",
    )  # fmt: skip

    def heading(self) -> PageTitle:
        """Return the name of the municipality, what it is compared with and the years of the figures."""
        t, subject, data = self.subject.texts, self.subject, self.subject.data
        years = [year for code, year in data.years.items() if code in data.known]
        period = t("profile.period", first=min(years), last=max(years))
        counts = {"count": len(without(subject.group, subject.nis_code).codes), "all": len(data.municipalities)}
        all_others = counts["count"] + 1 == counts["all"]
        group = t("profile.group_all" if all_others else "profile.group", group=subject.group_name, **counts)
        asked = {"self", "residents"} & set(data.strands)
        return PageTitle(
            kind=t("profile.kind"),
            title=subject.place,
            tagline=t("profile.tagline" if asked else "profile.tagline_figures", place=subject.place),
            about=f"{group} {period}",
            text=f"{t('profile.title', place=subject.place)}. {period} {group}",
        )

    def factor(self, dimension: str) -> Views:
        """Show one factor in detail."""
        return Views([factor(self.subject, dimension)])

    def __repr__(self) -> str:
        """Name the municipality, region and group."""
        who = f"{self.subject.nis_code} {self.subject.place}"
        return f"Profile of {who} in {self.subject.region_name}, compared with {self.subject.group_name}"
