"""What is wrong, thin or risky in files of answers; and passing them on, only when no respondent stands out."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from resilience_analysis.foundation.cells import write_table
from resilience_analysis.foundation.errors import InputError, Problem, UsageError, unknown
from resilience_analysis.survey.forgetting import is_kept_too_long, keeping_ends
from resilience_analysis.survey.instrument import BACKGROUND, NIS_CODE, ROLE, VILLAGE, Instrument
from resilience_analysis.survey.issues import exported
from resilience_analysis.survey.release import mark_synthetic
from resilience_analysis.survey.released import record_of, remember_all
from resilience_analysis.survey.responses import (
    ANSWERS_FILE,
    PEOPLE,
    REPORT_FILE,
    check_survey_table,
    find_answer_files,
    from_table,
    is_synthetic,
    read_answers,
)

_ABOUT = PEOPLE[1:]
FAULT, NOTE = "fault", "note"
PRIVATE = "private"
_SHOWN = 10


@dataclass(frozen=True)
class Finding:
    """One thing to know about a file of answers."""

    file: str  # the file, or the folder that all files lie in
    kind: str  # `fault` when the answers cannot be used as they are, `note` when they can
    what: str  # what there is to know


def check_answers(place: Path, instrument: Instrument) -> list[Finding]:
    """Check files of answers: schema, unknown items, imports made twice, thin groups, people who stand out.

    `place` is a file, or a folder with files ``answers.csv``; `UsageError` when it does not exist.

    Examples
    --------
    >>> from resilience_analysis.survey.items import load_instrument
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "answers.csv"
    >>> _ = file.write_text("respondent,wave")
    >>> [finding.what for finding in check_answers(file, load_instrument())][0][:45]
    'answers.csv: the columns item, nis_code, vill'
    """
    files = find_answer_files(place)
    names = {path: path.relative_to(place).as_posix() if path != place else path.name for path in files}
    findings = (finding for path, name in names.items() for finding in _check_file(path, name, instrument))
    return [*_imported_twice(names), *findings]


def _imported_twice(files: Mapping[Path, str]) -> Iterator[Finding]:
    """Find exports that several imports come from: their respondents would count twice."""
    sources: dict[str, list[str]] = {}
    for path, name in files.items():
        report = path.with_name(REPORT_FILE)
        if report.is_file():
            content = json.loads(report.read_text(encoding="utf-8"))
            sources.setdefault(str(content["sha256"]), []).append(name)
    for names in sources.values():
        if len(names) > 1:
            what = f"comes from the same export as {', '.join(names[:-1])}; remove one of them"
            yield Finding(names[-1], FAULT, what)


def _check_file(path: Path, name: str, instrument: Instrument) -> Iterator[Finding]:
    try:
        answers = check_survey_table(read_answers(path), "answers", subject=name)
        people = from_table(answers).people
    except InputError as error:
        yield from (Finding(name, FAULT, str(problem)) for problem in error.problems)
        return
    unknown = sorted(set(answers["item"]) - set(instrument.items))
    if unknown:
        yield Finding(name, FAULT, f"items that are not in items.yml: {', '.join(unknown[:_SHOWN])}")
    if PRIVATE not in path.resolve().parts:
        yield Finding(name, NOTE, "lies outside data/private: git may take it up")
    if is_synthetic(answers, instrument.synthetic).any():
        yield Finding(name, NOTE, "holds made-up answers, marked synthetic")
    for wave in sorted(set(people["wave"].astype(str))):
        if is_kept_too_long(wave, instrument.notice.years):
            ended = keeping_ends(wave, instrument.notice.years)
            what = f"wave {wave} was to be kept until {ended}: resilience survey forget --wave {wave}"
            yield Finding(name, NOTE, what)
    yield from (Finding(name, NOTE, what) for what in _thin_groups(people, instrument))
    yield from (Finding(name, NOTE, what) for what in _rare(people, instrument))


def _thin_groups(people: pd.DataFrame, instrument: Instrument) -> Iterator[str]:
    counting = instrument.counting
    for column in (NIS_CODE, VILLAGE, ROLE, BACKGROUND):
        sizes = people.groupby(["wave", column]).size()
        hidden = int((sizes < counting.suppress_below).sum())
        thin = int((sizes < counting.indicative_below).sum()) - hidden
        missing = int(people[column].isna().sum())
        if hidden or thin or missing:
            yield (
                f"{column}: {hidden} of {len(sizes)} groups have fewer than {counting.suppress_below} respondents and "
                f"are suppressed, {thin} fewer than {counting.indicative_below} and are indicative; {missing} "
                "respondents have no value"
            )


def _rare(people: pd.DataFrame, instrument: Instrument) -> Iterator[str]:
    counting = instrument.counting
    rare = rare_combinations(people, ["wave", *counting.quasi_identifiers], counting.k_anonymity)
    if len(rare):
        yield (
            f"{int(rare['n'].sum())} of {len(people)} respondents share {', '.join(counting.quasi_identifiers)} with "
            f"fewer than {counting.k_anonymity - 1} others: not to be passed on one by one"
        )


def kept_too_long(private: Path, instrument: Instrument) -> list[Problem]:
    """Return the waves below a folder whose answers should be gone by now.

    Examples
    --------
    >>> from resilience_analysis.survey.items import load_instrument
    >>> kept_too_long(Path("nowhere"), load_instrument())
    []
    """
    if not private.is_dir() or not any(private.rglob(ANSWERS_FILE)):
        return []
    answers = read_answers(private)
    waves = answers.loc[~is_synthetic(answers, instrument.synthetic), "wave"].astype(str)
    years = instrument.notice.years
    return [
        Problem(
            f"answers of wave {wave}",
            f"were to be kept until {keeping_ends(wave, years)}",
            f"Take them out with: resilience survey forget --wave {wave}",
        )
        for wave in sorted(set(waves))
        if is_kept_too_long(wave, years)
    ]


def export_answers(
    path: Path,
    answers: pd.DataFrame,
    instrument: Instrument,
    *,
    drop: Collection[str] = (),
    k: int | None = None,
    beside: Path | None = None,
) -> int:
    """Write answers one respondent a row, as CSV or XLSX, and give the number of respondents.

    Parameters
    ----------
    path
        Where to; XLSX when the name ends so.
    answers
        Schema ``answers``.
    drop
        Columns about the respondent to leave out. Without the role there is no village team check either: its
        answers would tell who is a member.
    k
        How many respondents must share every combination of who they are; that of the instrument when not given, and
        never fewer.
    beside
        Where the answers are: what is passed on is remembered there, see `released.record_of`; nothing is when None.

    Raises
    ------
    UsageError
        When `drop` names no column about the respondent, or `k` is less than the instrument asks.
    InputError
        When fewer than `k` respondents share a combination of wave and the quasi-identifiers that are kept; when all
        who share one gave the same answer to a statement; when other columns or people were passed on before,
        or when it tells of few people beside what was released.

    Examples
    --------
    >>> from resilience_analysis.survey.items import load_instrument
    >>> import tempfile
    >>> about = {"wave": "2026", "nis_code": "13011", "village": None, "role": None, "background": None}
    >>> rows = [about | {"respondent": f"r{n}", "item": "INF1", "answer": 1.0 + n % 4} for n in range(12)]
    >>> answers, file = pd.DataFrame(rows).assign(missing_reason=None), Path(tempfile.mkdtemp()) / "e.csv"
    >>> export_answers(file, answers, load_instrument())
    12
    """
    least = instrument.counting.k_anonymity if k is None else k
    _check_wishes(drop, least, instrument)
    responses = from_table(answers)
    kept = [name for name in instrument.counting.quasi_identifiers if name not in drop]
    require_k_anonymity(responses.people, kept, least, subject="answers", within=["wave"])
    about = [name for name in _ABOUT if name not in drop]
    items = _items(responses.codes, instrument, drop)
    require_diversity(responses.people, responses.values(items), kept, subject="answers", within=["wave"])
    table = pd.concat([responses.people[about], responses.values(items).astype("Int64")], axis=1)
    # Sorted by content: neither the order nor the number of a row says who it was.
    table = table.sort_values(list(table.columns), ignore_index=True)
    table.insert(0, "row", range(1, len(table) + 1))
    table = mark_synthetic(table, responses.people, instrument.synthetic)
    if beside is not None:
        passed_on = exported(responses, about, [str(name) for name in table], items)
        records = {record_of(beside, wave): issue for wave, issue in passed_on.items()}
        remember_all(records, least=instrument.counting.suppress_below)
    write_table(path, table)
    return len(table)


def _check_wishes(drop: Collection[str], k: int, instrument: Instrument) -> None:
    strange = [name for name in drop if name not in _ABOUT]
    if strange:
        raise UsageError(unknown("column about the respondent", strange[0], _ABOUT))
    if k < instrument.counting.k_anonymity:
        raise UsageError(f"k is {k}; at least {instrument.counting.k_anonymity} must share who they are (items.yml)")


def _items(codes: pd.DataFrame, instrument: Instrument, drop: Collection[str]) -> list[str]:
    """Return the items in their order, those the instrument does not know last."""
    order = [item for item in instrument.items if item in codes]
    team = instrument.village_team
    hidden = {item.id for item in team.section.items} if team.asked_field in drop else set()
    return [item for item in (*order, *sorted({str(item) for item in codes} - set(order))) if item not in hidden]


def rare_combinations(people: pd.DataFrame, quasi_identifiers: Collection[str], k: int) -> pd.DataFrame:
    """Find the combinations of quasi-identifiers that fewer than `k` respondents share.

    Of `people`, a row per respondent; the result has a row per combination, with its number of respondents in column
    ``n``. A missing value is a value too.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"role": ["official"] * 5 + ["resident"], "village": ["Olen"] * 6})
    >>> rare_combinations(people, ["role", "village"], 5).to_dict("records")
    [{'role': 'resident', 'village': 'Olen', 'n': 1}]
    """
    columns = [column for column in quasi_identifiers if column in people]
    if not columns:
        return pd.DataFrame({"n": [len(people)] if 0 < len(people) < k else []})
    counts = people.groupby(columns, dropna=False, observed=True).size().rename("n").reset_index()
    return counts[counts["n"] < k].reset_index(drop=True)


def require_k_anonymity(
    people: pd.DataFrame, quasi_identifiers: Collection[str], k: int, *, subject: str, within: Collection[str] = ()
) -> None:
    """Refuse to pass respondents on while anyone shares their quasi-identifiers with fewer than `k` - 1 others.

    `within` are more columns that must be shared and cannot be left out. `InputError` says the number of rare
    combinations and of respondents in them, never the combinations themselves.

    Examples
    --------
    >>> require_k_anonymity(pd.DataFrame({"role": ["official"] * 5}), ["role"], 5, subject="answers")
    """
    rare = rare_combinations(people, [*within, *quasi_identifiers], k)
    if len(rare):
        what = f"{int(rare['n'].sum())} respondents are in {len(rare)} combinations of fewer than {k}"
        raise InputError(subject, [Problem(subject, what, _widen(quasi_identifiers))])


def _widen(quasi_identifiers: Collection[str]) -> str:
    columns = ", ".join(quasi_identifiers)
    return f"Leave out or widen one of {columns}" if columns else "Pass nothing on until more have answered"


def require_diversity(
    people: pd.DataFrame,
    answers: pd.DataFrame,
    quasi_identifiers: Collection[str],
    *,
    subject: str,
    within: Collection[str] = (),
) -> None:
    """Refuse to pass respondents on while all who share their quasi-identifiers gave the same answer to an item.

    In `answers` is a column per item, NaN without answer; `within` are more columns that are shared. `InputError` says
    the number of combinations, never the combinations themselves.

    References
    ----------
    Machanavajjhala et al. 2007, ACM Trans. Knowl. Discov. Data 1(1): l-diversity, here with l = 2.

    Examples
    --------
    >>> people, answers = pd.DataFrame({"role": ["official"] * 2}), pd.DataFrame({"INF1": [1, 4]})
    >>> require_diversity(people, answers, ["role"], subject="answers")
    """
    columns = [column for column in (*within, *quasi_identifiers) if column in people]
    keys = people[columns].astype(object).where(people[columns].notna(), "").apply(tuple, axis=1)
    grouped = answers.groupby(keys)
    alike = ((grouped.nunique() == 1) & (grouped.count() > 0)).any(axis=1)
    if alike.any():
        what = f"in {int(alike.sum())} of {len(alike)} combinations all gave the same answer to a statement"
        raise InputError(subject, [Problem(subject, what, _widen(quasi_identifiers))])
