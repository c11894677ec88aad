"""Writing the self-assessment as a form: for KoboToolbox and ODK, for LimeSurvey, as a table, or on paper."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from resilience_analysis.foundation.errors import UsageError, unknown
from resilience_analysis.survey.instrument import Instrument
from resilience_analysis.survey.questionnaire.limesurvey import write_limesurvey
from resilience_analysis.survey.questionnaire.page import write_html, write_markdown, write_template
from resilience_analysis.survey.questionnaire.xlsform import write_xlsform

__all__ = ["FILE_NAMES", "FORMATS", "write_questionnaire"]

_WRITERS: dict[str, Callable[[Path, Instrument, str], None]] = {
    "xlsform": write_xlsform,
    "limesurvey": write_limesurvey,
    "csv": write_template,
    "md": write_markdown,
    "html": write_html,
}
FORMATS = tuple(_WRITERS)
FILE_NAMES = {
    "xlsform": "zelfbevraging_xlsform.xlsx",
    "limesurvey": "zelfbevraging_limesurvey.txt",
    "csv": "zelfbevraging.csv",
    "md": "zelfbevraging.md",
    "html": "zelfbevraging.html",
}


def write_questionnaire(path: Path, form: str, instrument: Instrument, *, lang: str = "") -> None:
    """Write the questionnaire.

    Parameters
    ----------
    path
        Where to; a ``.html`` asks for HTML when the form is ``md``.
    form
        One of `FORMATS`.
    instrument
        What is asked.
    lang
        Language of the page and the table; the first language of the two other forms, which carry all. The first of
        the instrument when not given.

    Raises
    ------
    UsageError
        When the form or the language is not known.
    """
    if form not in FORMATS:
        raise UsageError(unknown("format", form, FORMATS))
    lang = lang or instrument.languages[0]
    if lang not in instrument.languages:
        raise UsageError(unknown("language", lang, instrument.languages))
    page = path.suffix.casefold() in {".html", ".htm"}
    _WRITERS["html" if form == "md" and page else form](path, instrument, lang)
