"""A page of a kind of report that a test adds."""

from __future__ import annotations

from resilience_analysis.pages.subject import Subject


class Factsheet:
    """One line about a municipality."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject

    def show(self) -> Factsheet:
        """Show everything."""
        return self

    def standalone(self) -> str:
        """Return it as HTML."""
        return self._repr_html_()

    def _repr_html_(self) -> str:
        return f"<h1>Feiten over {self.subject.place}</h1>"
