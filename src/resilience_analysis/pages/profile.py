"""The profile of one municipality, section by section, as a notebook shows it: one line per cell."""

from __future__ import annotations

from dataclasses import dataclass

from resilience_analysis.pages import (
    context as closing,
)
from resilience_analysis.pages import (
    factors,
)
from resilience_analysis.pages import (
    key_messages as opening,
)
from resilience_analysis.pages import (
    learning as onward,
)
from resilience_analysis.pages import (
    maps as places,
)
from resilience_analysis.pages import (
    registers as local,
)
from resilience_analysis.pages import (
    self_assessment as people,
)
from resilience_analysis.pages.show import Section
from resilience_analysis.pages.subject import Subject


@dataclass(frozen=True)
class ProfilePage:
    """A profile; every method gives one section, which shows itself in a notebook."""

    subject: Subject

    def head(self) -> Section:
        """Show name, group of comparison and contents."""
        return opening.head(self.subject)

    def key(self) -> Section:
        """Show three to five key sentences."""
        return opening.key(self.subject)

    def read(self) -> Section:
        """Show how to read the profile."""
        return opening.read(self.subject)

    def factors(self) -> Section:
        """Show the six factors per strand."""
        return factors.factors(self.subject)

    def factor(self, dimension: str) -> Section:
        """Show one factor in detail."""
        return factors.factor(self.subject, dimension)

    def details(self) -> Section:
        """Show every factor in detail."""
        return Section([view for dimension in self.subject.dimensions for view in self.factor(dimension)])

    def self_assessment(self) -> Section:
        """Show the self-assessment, and its gap to the figures."""
        return people.self_assessment(self.subject)

    def maps(self) -> Section:
        """Show the maps."""
        return places.maps(self.subject)

    def context(self) -> Section:
        """Show what the municipality faces."""
        return closing.context(self.subject)

    def housing(self) -> Section:
        """Show housing in the region."""
        return local.housing(self.subject)

    def process(self) -> Section:
        """Show the process log."""
        return local.process(self.subject)

    def learn(self) -> Section:
        """Show whom the municipality can learn from."""
        return onward.learn(self.subject)

    def next_steps(self) -> Section:
        """Show questions for what comes next."""
        return onward.next_steps(self.subject)

    def unknown(self) -> Section:
        """Show what is not known, and why."""
        return closing.unknown(self.subject)

    def sources(self) -> Section:
        """Show sources and method."""
        return closing.sources(self.subject)

    def show(self) -> Section:
        """Show the whole profile."""
        parts = [self.head(), self.key(), self.read(), self.factors(), self.details()]
        parts += [self.self_assessment(), self.maps(), self.context(), self.housing(), self.process()]
        parts += [self.unknown(), self.learn(), self.next_steps(), self.sources()]
        return Section([view for part in parts for view in part])

    def _repr_html_(self) -> str:
        return self.show().standalone()

    def __repr__(self) -> str:
        """Name the municipality, region and group."""
        who = f"{self.subject.nis_code} {self.subject.place}"
        return f"Profile of {who} in {self.subject.region_name}, held against {self.subject.group_name}"
