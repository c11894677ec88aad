"""What is wrong, thin or risky in files of answers, and what should not be kept any longer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem
from resilience_analysis.survey.forgetting import is_kept_too_long, keeping_ends
from resilience_analysis.survey.instrument import BACKGROUND, NIS_CODE, ROLE, VILLAGE, Instrument
from resilience_analysis.survey.responses import (
    ANSWERS_FILE,
    REPORT_FILE,
    check_survey_table,
    find_answer_files,
    from_table,
    is_synthetic,
    read_answers,
)
from resilience_analysis.survey.sharing import rare_combinations

FAULT, NOTE = "fault", "note"
PRIVATE = "private"
_SHOWN = 10


class Finding(NamedTuple):
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
