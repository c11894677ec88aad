"""Answers of people, one row per respondent and wave, and the long table ``answers`` they are kept in.

The long table is what is stored and checked (`check_survey_table`, schema ``answers``); the wide form is what is
counted with: one small number per respondent and item.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

from resilience_analysis.foundation.cells import safe_cell
from resilience_analysis.foundation.errors import InputError, Problem, UsageError, raise_if_any, refusal
from resilience_analysis.foundation.files import replacing
from resilience_analysis.foundation.schemas import TableSchema, check_rows, number, text
from resilience_analysis.foundation.vocabulary import HIDDEN_BECAUSE, MISSING_REASONS, STATUSES
from resilience_analysis.survey.instrument import FIELDS, Marker
from resilience_analysis.survey.scores import HIGH

_SHOWN = 5
_LOWEST = {"share_agree": 0.0, "mean_score": 0.0, "net_agreement": -100.0}
_MEASURES = {f"{name}{end}": number(low, 100) for name, low in _LOWEST.items() for end in ("", "_low", "_high")}
SURVEY_SCHEMAS = {
    "answers": TableSchema(
        {
            "respondent": text(),
            "wave": text(),
            "item": text(),
            "nis_code": text(nullable=True),
            "village": text(nullable=True),
            "role": text(nullable=True),
            "background": text(nullable=True),
            "answer": number(1, 4),
            "missing_reason": text(nullable=True, among=MISSING_REASONS),
        },
        key=("respondent", "wave", "item"),
        value="answer",
        private=True,
    ),
    "estimates": TableSchema(
        {
            "nis_code": text(nullable=True),
            "wave": text(),
            "group": text(),
            "code": text(),
            "n": number(0),
            "n_effective": number(0),
            **_MEASURES,
            "status": text(among=STATUSES),
            "hidden_because": text(nullable=True, among=HIDDEN_BECAUSE),
        },
        key=("nis_code", "wave", "group", "code"),
        strict=False,
    ),
}
PEOPLE = ("respondent", "wave", *FIELDS)
COLUMNS = ("respondent", "wave", "item", *FIELDS, "answer", "missing_reason")
ANSWERS_FILE, PROBLEMS_FILE, REPORT_FILE = "answers.csv", "problems.csv", "import.json"
NOT_ASKED = 0
_REASON_CODES = {reason: -number for number, reason in enumerate(MISSING_REASONS, start=1)}
_TEXTS = {column: "object" for column in COLUMNS if column != "answer"}


def check_survey_table(table: pd.DataFrame, name: str, *, subject: str | None = None) -> pd.DataFrame:
    """Check ``answers`` or ``estimates`` and return the table with the types of its schema.

    `InputError` with every fault, see `foundation.schemas.check_rows`; when a hidden row of ``estimates`` does not say
    why it is hidden, or a row that is shown says so.

    Examples
    --------
    >>> people = pd.DataFrame({"respondent": ["a"], "wave": ["2026"]}).reindex(columns=list(PEOPLE))
    >>> answers = to_table(Responses(people, pd.DataFrame({"INF1": [4]})))
    >>> check_survey_table(answers.assign(answer="3"), "answers")["answer"].tolist()
    [3.0]
    """
    checked = check_rows(table, SURVEY_SCHEMAS[name], subject or name)
    if name == "estimates":
        hidden, said = checked["status"] == "suppressed", checked["hidden_because"].notna()
        rows = ", ".join(str(row + 1) for row in np.flatnonzero(hidden != said)[:_SHOWN].tolist())
        if rows:
            what = f"rows {rows}: hidden_because is there exactly where status is suppressed"
            raise InputError(subject or name, [Problem("hidden_because", what, "Build the table again")])
    return checked


@dataclass(frozen=True)
class Responses:
    """Who answered, and what."""

    people: pd.DataFrame  # one row per respondent and wave: respondent, wave, nis_code, village, role, background
    # the same rows, a column per item, as small integers: the position chosen (1 to 4), `NOT_ASKED`, or a negative
    # number for a missing reason (see `reason_code`)
    codes: pd.DataFrame

    @classmethod
    def none(cls) -> Responses:
        """Return the responses of nobody."""
        return cls(pd.DataFrame(columns=list(PEOPLE)), pd.DataFrame())

    def values(self, items: Iterable[str] | None = None) -> pd.DataFrame:
        """Return the positions as floats, NaN where there is none; only the `items` named, all when not given."""
        codes = self.codes if items is None else self.codes.reindex(columns=list(items), fill_value=NOT_ASKED)
        return codes.astype(float).where(codes > NOT_ASKED)

    def only(self, rows: pd.Series) -> Responses:
        """Return the respondents for whom `rows` is true."""
        return Responses(self.people.loc[rows], self.codes.loc[rows])

    def by_content(self) -> Responses:
        """Return the respondents in the order of who they are and what they say; their numbers are random.

        The last digit of a sum depends on the order of its terms: without this, the same answers imported twice would
        give two tables.
        """
        fields = [pd.factorize(self.people[name].fillna(""), sort=True)[0] for name in ("wave", *FIELDS)]
        said = [self.codes[item].to_numpy() for item in sorted(self.codes, key=str)]
        order = np.lexsort([*reversed(said), *reversed(fields)])
        return Responses(*(table.take(order).reset_index(drop=True) for table in (self.people, self.codes)))


def reason_code(reason: str) -> int:
    """Return the negative number that stands for a missing reason in `Responses.codes`.

    Examples
    --------
    >>> reason_code("unknown") < 0
    True
    """
    return _REASON_CODES[reason]


def to_table(responses: Responses) -> pd.DataFrame:
    """Turn responses into the long table ``answers``: one row per respondent, wave and item that was asked.

    Examples
    --------
    >>> people = pd.DataFrame({"respondent": ["a"], "wave": ["2026"]}).reindex(columns=list(PEOPLE))
    >>> to_table(Responses(people, pd.DataFrame({"INF1": [4], "INF2": [NOT_ASKED]})))[["item", "answer"]].to_numpy()
    array([['INF1', 4.0]], dtype=object)
    """
    codes = responses.codes.to_numpy()
    rows, columns = np.nonzero(codes != NOT_ASKED)
    chosen = codes[rows, columns].astype(float)
    table = responses.people.take(rows).reset_index(drop=True)
    table.insert(2, "item", responses.codes.columns.to_numpy(dtype=object)[columns])
    table["answer"] = np.where(chosen > NOT_ASKED, chosen, np.nan)
    reasons = pd.Series(chosen).map({float(code): reason for reason, code in _REASON_CODES.items()})
    table["missing_reason"] = reasons.astype(object).where(reasons.notna(), None)
    return table


def from_table(answers: pd.DataFrame, *, subject: str = "answers") -> Responses:
    """Turn the long table ``answers`` into responses; an item that a respondent has no row for counts as not asked.

    `InputError`, which calls the table `subject`, when a respondent has two answers to one item in one wave, or two
    municipalities, roles and so on; when an answer is neither a position nor a known missing reason.

    Examples
    --------
    >>> people = pd.DataFrame({"respondent": ["a"], "wave": ["2026"]}).reindex(columns=list(PEOPLE))
    >>> from_table(to_table(Responses(people, pd.DataFrame({"INF1": [4], "INF2": [NOT_ASKED]})))).codes["INF1"].tolist()
    [4]
    """
    respondents, _ = pd.factorize(answers["respondent"])
    waves, labels = pd.factorize(answers["wave"])
    items, codes = pd.factorize(answers["item"])
    key = respondents.astype(np.int64) * max(len(labels), 1) + waves
    _, first, person = np.unique(key, return_index=True, return_inverse=True)
    numbers, problems = _as_codes(answers, subject)
    problems += _twice(answers, person * len(codes) + items, subject) + _differing(answers, person, first, subject)
    raise_if_any(subject, problems)
    grid = np.full((len(first), len(codes)), NOT_ASKED, dtype=np.int8)
    grid[person, items] = numbers
    people = answers[list(PEOPLE)].take(first).reset_index(drop=True).astype(object)
    return Responses(people, pd.DataFrame(grid, columns=pd.Index(codes, dtype=object)))


def _as_codes(answers: pd.DataFrame, subject: str) -> tuple[np.ndarray, list[Problem]]:
    """Return each answer as a small number, and what is neither a position nor a known reason."""
    labels, texts = pd.factorize(answers["missing_reason"])
    reasons = np.array([*(_REASON_CODES.get(str(text), NOT_ASKED) for text in texts), NOT_ASKED])[labels]
    positions = answers["answer"].to_numpy(dtype=float)
    codes = np.where(np.isnan(positions), reasons, positions)
    wrong = np.flatnonzero((codes == NOT_ASKED) | (codes != np.rint(codes)) | (codes > HIGH))
    rows = ", ".join(str(row + 1) for row in wrong[:_SHOWN])
    what = f"{len(wrong)} answers are neither a position nor a known missing reason, such as answer {rows}"
    return codes.astype(np.int8), [Problem(subject, what)] if rows else []


def _twice(answers: pd.DataFrame, cell: np.ndarray, subject: str) -> list[Problem]:
    rows = answers.loc[pd.Series(cell).duplicated().to_numpy(), ["respondent", "item"]]
    some = ", ".join(f"{respondent} {item}" for respondent, item in rows.head(_SHOWN).to_numpy())
    return [Problem(subject, f"{len(rows)} answers appear twice: {some}", "Keep one of them")] if some else []


def _differing(answers: pd.DataFrame, person: np.ndarray, first: np.ndarray, subject: str) -> list[Problem]:
    problems = []
    for column in FIELDS:
        codes, _ = pd.factorize(answers[column])
        who = answers["respondent"][codes != codes[first][person]].astype(str).unique()[:_SHOWN]
        if len(who):
            problems.append(Problem(f"{subject}, column {column}", f"differs between answers of {', '.join(who)}"))
    return problems


def write_answers(path: Path, responses: Responses) -> None:
    """Write the long table as CSV, atomically and line by line: 2.4 million answers are never held as text.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "answers.csv"
    >>> people = pd.DataFrame({"respondent": ["a"], "wave": ["2026"]}).reindex(columns=list(PEOPLE))
    >>> write_answers(file, Responses(people, pd.DataFrame({"INF1": [4]})))
    >>> file.read_text().splitlines()[1]
    'a,2026,INF1,,,,,4,'
    """
    tails = {code: f",{reason}\n" for reason, code in _REASON_CODES.items()}
    tails |= {position: f"{position},\n" for position in range(1, 10)}
    lefts = _joined(responses.people[["respondent", "wave"]])
    rights = _joined(responses.people[list(FIELDS)])
    names = _joined(pd.DataFrame({"item": responses.codes.columns}))
    with replacing(path, private=True) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        stream.write(",".join(COLUMNS) + "\n")
        for left, right, codes in zip(lefts, rights, responses.codes.to_numpy().tolist(), strict=True):
            answers = zip(names, codes, strict=True)
            lines = [f"{left},{name},{right},{tails[code]}" for name, code in answers if code != NOT_ASKED]
            stream.write("".join(lines))


def _joined(table: pd.DataFrame) -> list[str]:
    """Return each row as CSV text without a line end."""
    lines: list[str] = []
    writer = csv.writer(SimpleNamespace(write=lines.append), lineterminator="")
    rows = [tuple(row) for row in table.astype(object).where(table.notna(), "").to_numpy().tolist()]
    once = list(dict.fromkeys(rows))
    writer.writerows([[safe_cell(str(cell)) for cell in row] for row in once])
    written = dict(zip(once, lines, strict=True))
    return [written[row] for row in rows]


def find_answer_files(place: Path) -> list[Path]:
    """Return the answer files that `place` means: itself, or every ``answers.csv`` below the folder, sorted.

    `UsageError` when the file or folder does not exist, or the folder holds none.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / ANSWERS_FILE).touch()
    >>> [file.name for file in find_answer_files(folder)]
    ['answers.csv']
    """
    if place.is_file():
        return [place]
    files = sorted(place.rglob(ANSWERS_FILE)) if place.is_dir() else []
    if not files:
        what = f"holds no {ANSWERS_FILE}" if place.is_dir() else "does not exist"
        raise UsageError(f"{place} {what}. `resilience survey import` writes one")
    return files


def read_answers(place: Path) -> pd.DataFrame:
    """Read the long table ``answers`` from a file, or from every ``answers.csv`` below a folder.

    The columns are those of the schema, and not checked yet (see `check_survey_table`). `UsageError` when nothing is
    there; `InputError` when a file has not the columns of the table, or is not a CSV.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "answers.csv"
    >>> people = pd.DataFrame({"respondent": ["a"], "wave": ["2026"]}).reindex(columns=list(PEOPLE))
    >>> write_answers(file, Responses(people, pd.DataFrame({"INF1": [4]})))
    >>> read_answers(file)["answer"].tolist()
    [4.0]
    """
    return pd.concat([_read_one(path) for path in find_answer_files(place)], ignore_index=True)


def _read_one(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, dtype=_TEXTS, keep_default_na=False, na_values={"answer": [""]})
    except (ValueError, UnicodeDecodeError) as error:
        # What a parser says may hold what a person wrote.
        what = f"is not a table of answers: {type(error).__name__} while it was read as a CSV"
        raise refusal(path.name, what) from None
    absent = [column for column in COLUMNS if column not in table.columns]
    if absent:
        what = f"the columns {', '.join(absent)} are missing"
        raise refusal(path.name, what, "Use a file that `resilience survey import` wrote")
    text = pd.to_numeric(table["answer"], errors="coerce").isna() & table["answer"].notna()
    if text.any():
        row = int(np.flatnonzero(text)[0])
        where = f"{path.name}, row {row + 2}, column answer"
        raise InputError(path.name, [Problem(where, "this answer is not a number")])
    # Few texts fill many rows: as categories they are counted ten times faster.
    texts = {column: _as_category(table[column].to_numpy()) for column in _TEXTS}
    return pd.DataFrame(texts | {"answer": table["answer"].astype(float)})[list(COLUMNS)]


def _as_category(texts: np.ndarray) -> pd.Categorical:
    """Return texts as categories, an empty one as missing; only the first of equal neighbours is looked up."""
    first = np.flatnonzero(np.append(True, texts[1:] != texts[:-1])) if len(texts) else np.empty(0, dtype=int)
    codes, found = pd.factorize(texts[first])
    repeated = np.repeat(codes, np.diff(np.append(first, len(texts))))
    column = pd.Categorical.from_codes(repeated, categories=found)
    return column.remove_categories("") if "" in column.categories else column


def is_synthetic(answers: pd.DataFrame, marker: Marker) -> pd.Series:
    """Return which rows (of answers or of people) our generator made: their respondent begins with the marker.

    Examples
    --------
    >>> from resilience_analysis.survey.items import load_instrument
    >>> marker = load_instrument().synthetic
    >>> is_synthetic(pd.DataFrame({"respondent": [marker.prefix + "1", "2"]}), marker).tolist()
    [True, False]
    """
    return answers["respondent"].astype(str).str.startswith(marker.prefix)


def without_synthetic(answers: pd.DataFrame, marker: Marker) -> pd.DataFrame:
    """Return the answers that people gave.

    Examples
    --------
    >>> from resilience_analysis.survey.items import load_instrument
    >>> marker = load_instrument().synthetic
    >>> len(without_synthetic(pd.DataFrame({"respondent": [marker.prefix + "1", "2"]}), marker))
    1
    """
    return answers.loc[~is_synthetic(answers, marker)].reset_index(drop=True)
