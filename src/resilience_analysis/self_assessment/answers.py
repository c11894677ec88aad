"""The answers of people, as far as the build may know them: estimates, changes between waves, and the self strand.

Answers stay in ``data/private``; what leaves here is estimated and protected. Made-up answers count only where the
project shows examples.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass, field
from functools import partial
from html import escape
from itertools import pairwise
from pathlib import Path

import pandas as pd

from resilience_analysis.foundation.project import Project, example_folder, find_project
from resilience_analysis.self_assessment.standing import ReleasedAnswers, Standing
from resilience_analysis.survey.change import change, read_wordings
from resilience_analysis.survey.estimates import estimates
from resilience_analysis.survey.import_report import PROBLEM_COLUMNS, write_import
from resilience_analysis.survey.importing import ImportOptions, import_answers
from resilience_analysis.survey.instrument import Instrument
from resilience_analysis.survey.items import ITEMS_FILE, load_instrument
from resilience_analysis.survey.outcomes import self_assessment
from resilience_analysis.survey.privacy import KEY_FILE, read_key
from resilience_analysis.survey.publishing import RESPONDENTS
from resilience_analysis.survey.responses import (
    ANSWERS_FILE,
    PROBLEMS_FILE,
    REPORT_FILE,
    read_answers,
    without_synthetic,
)
from resilience_analysis.survey.synthetic import simulate, write_example
from resilience_analysis.survey.wave import EVERYBODY

VERB = "self_assessment"
GIVEN_COLUMNS = ["verb", "name", "nis_code", "year", "value", "n", "low", "high", "missing_reason"]
CHANGE_COLUMNS = ["nis_code", "code", "level", "earlier", "later", "method", "change", "low", "high", "why_not"]
_COUNTS = ("rows_in", "rows_used", "respondents")
_FACTS = ("wave", "tool", "rows_in", "rows_used", "rows_explained", "respondents")
_EXAMPLE_TOOL = "limesurvey"


@dataclass(frozen=True)
class Voices:
    """What the answers say, ready to be shown."""

    # schema ``estimates`` with ``level``, the distribution and the rest of `survey.outcomes.estimates`; no rows when
    # nobody answered
    estimates: pd.DataFrame
    # one row per municipality and item or dimension and pair of following waves: what changed, or why it cannot be said
    changes: pd.DataFrame
    synthetic: bool = False  # whether a program made the answers up
    stands: Standing = field(default_factory=Standing)  # the waves that are published as they were released before

    def given(self) -> pd.DataFrame:
        """Return the self strand in the form that indicators are derived from."""
        if self.estimates.empty:
            return pd.DataFrame(columns=GIVEN_COLUMNS)
        rows = self_assessment(self.estimates).rename(columns={"dimension": "name"})
        return rows.assign(verb=VERB)[GIVEN_COLUMNS]


def read_voices(project: Project, instrument: Instrument) -> Voices:
    """Estimate everything from the answers of a project; nothing when nobody was asked yet.

    A wave that was released before, and of which another release would tell of few people, stands as it was.

    Raises
    ------
    InputError
        When a file of answers has faults; when what would tell of few people was released otherwise than by a build.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from resilience_analysis.survey.items import load_instrument
    >>> project = Project(Path(tempfile.mkdtemp()))
    >>> read_voices(project, load_instrument()).estimates.empty  # nobody was asked yet
    True
    """
    if project.example:
        make_example(project.answers, instrument)
    answers = _own_answers(project, instrument)
    if answers is None:
        return Voices(_no_estimates(instrument), pd.DataFrame(columns=CHANGE_COLUMNS))
    table = estimates(answers, instrument)
    source = ReleasedAnswers(project.answers, answers, instrument)
    stands = source.standing(table)
    table = stands.over(table)
    return Voices(table, _changes(source, table, stands), project.example, stands)


def _own_answers(project: Project, instrument: Instrument) -> pd.DataFrame | None:
    """Return the answers that count in a project; None when there are none."""
    if not any(project.answers.rglob(ANSWERS_FILE)):
        return None
    answers = read_answers(project.answers)
    if not project.example:
        answers = without_synthetic(answers, instrument.synthetic)
    return None if answers.empty else answers


def remember_voices(project: Project, voices: Voices, instrument: Instrument) -> None:
    """Write down what is released of people's answers, before it is.

    Raises
    ------
    InputError
        When it would tell of few people beside what was released before.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from resilience_analysis.survey.items import load_instrument
    >>> project = Project(Path(tempfile.mkdtemp()))
    >>> remember_voices(project, read_voices(project, load_instrument()), load_instrument())
    """
    answers = _own_answers(project, instrument)
    if answers is not None and not project.example:
        source = ReleasedAnswers(project.answers, answers, instrument)
        source.remember(voices.estimates, voices.changes, voices.stands)


def _no_estimates(instrument: Instrument) -> pd.DataFrame:
    """Return the table of estimates without rows, with the columns it has otherwise."""
    no_answers = pd.DataFrame({name: pd.Series(dtype=object) for name in ("respondent", "wave", "item", "nis_code")})
    for name in ("village", "role", "background", "missing_reason"):
        no_answers[name] = pd.Series(dtype=object)
    no_answers["answer"] = pd.Series(dtype=float)
    return estimates(no_answers, instrument).iloc[:0]


def _changes(source: ReleasedAnswers, table: pd.DataFrame, stands: Standing) -> pd.DataFrame:
    """Estimate the change between following waves; where a wave stands, as it was published or between the tables."""
    answers, instrument, wordings = source.answers, source.instrument, read_wordings(source.place)
    waves = sorted(str(wave) for wave in answers["wave"].unique())
    # who is followed from or to a wave that stands is not who was followed when it was released
    followed = answers[~answers["wave"].isin(list(stands.estimates))]
    frames = []
    for earlier, later in pairwise(waves):
        before = stands.changes.get(later, pd.DataFrame())
        if len(before) and (before["earlier"] == earlier).all():
            frames.append(before)
            continue
        found = change(followed, table, wordings, instrument, earlier=earlier, later=later)
        found = found.assign(earlier=earlier, later=later)
        if source.tells_who_is_followed(table, found, stands):
            found = change(answers.iloc[:0], table, wordings, instrument, earlier=earlier, later=later)
        frames.append(found.assign(earlier=earlier, later=later))
    return pd.concat(frames, ignore_index=True)[CHANGE_COLUMNS] if frames else pd.DataFrame(columns=CHANGE_COLUMNS)


@dataclass(frozen=True)
class Survey:
    """A self-assessment as an analyst looks at it; it holds no single answer."""

    voices: Voices  # what the answers say, protected
    # one row per imported file: wave, tool, rows in, used and explained, respondents, problems, unmatched columns. Of a
    # wave with a hidden municipality the rows in and used and the respondents are empty: less all who are shown, they
    # would count those who are not (made-up answers are all counted)
    imports: pd.DataFrame
    problems: pd.DataFrame  # one row per problem met while importing: file, row, column, value, why

    def __repr__(self) -> str:
        """Return one line on what there is."""
        made_up = ", made up" if self.voices.synthetic else ""
        waves = ", ".join(str(wave) for wave in self.imports["wave"]) or "no wave"
        return f"Survey of {waves}{made_up}: {len(self.voices.estimates)} estimates, {len(self.problems)} problems"

    def _repr_html_(self) -> str:
        """Show a row per imported file in a notebook."""
        return f"<p>{escape(repr(self))}</p>{self.imports.to_html(border=0, na_rep='')}"


def read_survey(project: Project | None = None) -> Survey:
    """Read the self-assessment of a project: what was imported, what went wrong, what it says.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> read_survey(Project(Path(tempfile.mkdtemp())))
    Survey of no wave: 0 estimates, 0 problems
    """
    found = project or find_project()
    instrument = load_instrument(found.definition(ITEMS_FILE))
    voices = read_voices(found, instrument)
    remember_voices(found, voices, instrument)
    reports = sorted(found.answers.rglob(REPORT_FILE))
    imports = _imports(reports)
    if not voices.synthetic:
        imports = without_hidden_counts(imports, voices.estimates)
    return Survey(voices, imports.astype(dict.fromkeys(_COUNTS, "Int64")), _problems(reports))


def example_survey() -> Survey:
    """Make up a self-assessment in a folder that is thrown away; everything in it is marked synthetic.

    Examples
    --------
    >>> example_survey().imports["wave"].tolist()
    ['2025', '2026']
    """
    with tempfile.TemporaryDirectory() as scratch:
        project = Project(Path(scratch), example=True)
        project.definitions.mkdir()
        shutil.copy(Project(example_folder()).definition(ITEMS_FILE), project.definitions)
        return read_survey(project)


def _imports(reports: list[Path]) -> pd.DataFrame:
    rows = []
    for path in reports:
        report = json.loads(path.read_text(encoding="utf-8"))
        kinds = [column["is"] for column in report["columns"]]
        facts = {name: report[name] for name in _FACTS}
        rows.append({**facts, "problems": report["problems"], "unmatched": sum(not kind for kind in kinds)})
    return pd.DataFrame(rows, columns=[*_FACTS, "problems", "unmatched"])


def without_hidden_counts(imports: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Return imports without how many answered in the waves in which the number of a municipality is hidden.

    Examples
    --------
    >>> imports = pd.DataFrame({"wave": ["2026"], "rows_in": [9], "rows_used": [9], "respondents": [9]})
    >>> row = {"level": "respondents", "group": "all", "status": "suppressed", "wave": "2026"}
    >>> without_hidden_counts(imports, pd.DataFrame([row]))["respondents"].tolist()
    [<NA>]
    """
    people = table[(table["level"] == RESPONDENTS) & (table["group"] == EVERYBODY)]
    waves = people.loc[people["status"] == "suppressed", "wave"]
    hidden = imports["wave"].isin(waves)
    return imports.assign(**{name: imports[name].astype("Int64").mask(hidden) for name in _COUNTS})


def _problems(reports: list[Path]) -> pd.DataFrame:
    tables = [path.with_name(PROBLEMS_FILE) for path in reports]
    frames = [pd.read_csv(path, dtype=str).assign(file=path.parent.name) for path in tables if path.is_file()]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=[*PROBLEM_COLUMNS, "file"])


def make_example(folder: Path, instrument: Instrument) -> None:
    """Make up answers in every wave of the instrument, and import them as a survey tool would have exported them.

    Examples
    --------
    >>> from resilience_analysis.survey.items import load_instrument
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     make_example(Path(folder), load_instrument())
    ...     waves = sorted(path.parent.name for path in Path(folder).rglob(ANSWERS_FILE))
    >>> waves
    ['2025', '2026']
    """
    for wave in instrument.synthetic.waves:
        export = folder / f"{_EXAMPLE_TOOL}-{wave}.csv"
        export.parent.mkdir(parents=True, exist_ok=True)
        write_example(export, _EXAMPLE_TOOL, simulate(instrument, wave=wave), instrument)
        options = ImportOptions(wave=wave, key=partial(read_key, folder / KEY_FILE))
        write_import(folder / wave, import_answers(export, instrument, options), export, wave)
