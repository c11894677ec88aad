"""The self-assessment as an empty table: one heading row, to be filled in with one respondent a row."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from resilience_analysis.foundation.cells import visible, write_table
from resilience_analysis.foundation.files import write_text
from resilience_analysis.survey.instrument import Instrument
from resilience_analysis.survey.words import words


def template_headings(instrument: Instrument, lang: str) -> list[str]:
    """Return the headings: codes of the questions about the respondent, then code and statement of every item."""
    items = [f"{item.id}. {item.texts[lang]}" for item in instrument.items.values()]
    return [*(question.code for question in instrument.questions), *items]


def write_template(path: Path, instrument: Instrument, lang: str) -> None:
    """Write the heading row as CSV, and beside it what people must be told before they answer."""
    write_table(path, pd.DataFrame(columns=template_headings(instrument, lang)))
    told = "\n".join(f"- {visible(line)}" for line in instrument.notice.lines(lang))
    write_text(path.with_suffix(".notice.md"), f"# {words('page.told', lang)}\n\n{told}\n")
