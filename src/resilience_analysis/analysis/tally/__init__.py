"""What a workshop answered so far, for the projector: bars per statement that refresh themselves."""

from __future__ import annotations

import tempfile
import threading
from dataclasses import replace
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd
from IPython.display import display
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from resilience_analysis.analysis.selection import places_named, words
from resilience_analysis.drawing.layers import palette
from resilience_analysis.notebook import load_dataset
from resilience_analysis.survey.estimates import estimates
from resilience_analysis.survey.importing import ImportOptions, import_answers
from resilience_analysis.survey.responses import to_table
from resilience_analysis.survey.synthetic import simulate, write_example

_TOOL = "limesurvey"


class Tally:
    """The answers of one municipality in one export, counted again at every `refresh`.

    Two counts that follow each other would tell what the people in between answered: a new one is shown only when at
    least as many came in as are needed to show anything. Nothing is stored.

    Attributes
    ----------
    estimates
        What is shown: schema ``estimates``, protected as everywhere else.
    n
        How many people it rests on.
    """

    def __init__(self, export: str | Path | None, municipality: str, *, wave: str, language: str) -> None:
        self._dataset, self._texts = load_dataset(), words(language)
        (self._code,) = places_named([municipality])
        self._export, self._wave = (None if export is None else Path(export)), wave
        self._evening = count(1)
        self.n = 0
        self.estimates = pd.DataFrame()
        self.refresh()

    def refresh(self) -> Tally:
        """Read the export again and show what came in since, once that is enough people; returns the tally."""
        instrument = self._dataset.instrument
        answers = self._answers()
        answers = answers[answers["nis_code"].fillna(self._code) == self._code].assign(nis_code=self._code)
        people = answers["respondent"].nunique()
        if people - self.n >= instrument.counting.suppress_below:
            table = estimates(answers, instrument)
            self.estimates, self.n = table[table["nis_code"] == self._code], people
        return self

    def _answers(self) -> pd.DataFrame:
        instrument = self._dataset.instrument
        options = ImportOptions(wave=self._wave)
        if self._export is not None:
            return to_table(import_answers(self._export, instrument, options).responses)
        with tempfile.TemporaryDirectory() as scratch:
            export = Path(scratch) / f"{_TOOL}.csv"
            write_example(export, _TOOL, self._so_far(next(self._evening)), instrument)
            return to_table(import_answers(export, instrument, options).responses)

    def _so_far(self, times: int) -> Any:
        """Return the first made-up answers: a third more at every turn, as on an evening."""
        whole = self._made_up
        mine = whole.people["nis_code"] == self._code
        people = whole.people[mine].head(-(-mine.sum() * min(times, 3) // 3))
        return replace(whole, people=people.reset_index(drop=True), codes=whole.codes.loc[people.index]
                       .reset_index(drop=True))  # fmt: skip

    @cached_property
    def _made_up(self) -> Any:
        return simulate(self._dataset.instrument)

    def follow(self, *, seconds: float = 10, times: int = 1000) -> None:
        """Show the tally and refresh it every so many seconds, while other cells can run."""
        shown = display(self, display_id=True)
        if shown is not None:  # outside a notebook nothing can be shown again
            threading.Thread(target=self._keep_fresh, args=(shown, seconds, times), daemon=True).start()

    def _keep_fresh(self, shown: Any, seconds: float, times: int) -> None:
        pause = threading.Event()
        for _ in range(times):
            pause.wait(seconds)
            shown.update(self.refresh())

    def rows(self) -> pd.DataFrame:
        """Return one row per statement: ``text``, ``n``, ``share_1`` to ``share_4`` and ``share_agree`` (%)."""
        instrument, language = self._dataset.instrument, self._texts.language
        codes = [item for members in instrument.scored.values() for item in members]
        texts = {code: instrument.items[code].texts[language] for code in codes}
        columns = ["n", *(f"share_{position}" for position in range(1, 5)), "share_agree"]
        if self.estimates.empty:
            return pd.DataFrame({"text": texts}).reindex(columns=["text", *columns])
        rows = self.estimates[(self.estimates["group"] == "all") & (self.estimates["level"] == "item")]
        return rows.set_index("code").reindex(codes)[columns].assign(text=pd.Series(texts))[["text", *columns]]

    def __repr__(self) -> str:
        """Return how many answered, and the share who agree with every statement."""
        table = self.rows()[["n", "share_agree"]].astype("Int64")
        return f"{self._title}\n{table.to_string(na_rep='-')}"

    @property
    def _title(self) -> str:
        said = self._texts("tally.title", place=self._dataset.names[self._code], n=self.n)
        return said if self._export is not None else f"{self._texts('tally.made_up')} {said}"

    def _repr_html_(self) -> str:
        loader = FileSystemLoader(Path(__file__).parent)
        environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
        rows = self.rows().to_dict("records")
        shown = {"title": self._title, "rows": rows, "colours": palette()["likert"], "t": self._texts}
        return environment.get_template("tally.html.j2").render(**shown)


def tally(export: str | Path | None = None, *, municipality: str, wave: str = "tally", language: str = "") -> Tally:
    """Count what a workshop answered so far; ``follow()`` keeps it fresh on a projector.

    Parameters
    ----------
    export
        File that the survey tool exports, read again at every refresh; made-up answers that come in bit by bit when
        not given.
    municipality
        Code or name; who gave no municipality is counted here too.
    wave
        Label of the wave.
    language
        Of the words; the project's first when empty.

    Returns
    -------
    Tally
        The tally, which shows itself in a notebook.

    Raises
    ------
    UsageError
        When the municipality or the language is not known.
    InputError
        When no statement is recognised in the export.

    Examples
    --------
    >>> tally(municipality="Olen", language="en").n > 0
    True
    """
    return Tally(export, municipality, wave=wave, language=language)
