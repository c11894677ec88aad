"""From raw files to processed tables, in one direction: read, check, observe, derive, score, write."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from resilience_analysis.batch.stale import kept_for
from resilience_analysis.data.catalogue import Catalogue, read_catalogue, verify
from resilience_analysis.data.observations import join_report
from resilience_analysis.data.processed import Processed, read_table, write_processed
from resilience_analysis.data.raw import Raw, read_raw
from resilience_analysis.data.register_words import LOCAL_FILE, read_words
from resilience_analysis.foundation.definitions import in_any
from resilience_analysis.foundation.errors import InputError, UsageError, raise_if_any, unknown
from resilience_analysis.foundation.files import read_yaml, sha256
from resilience_analysis.foundation.project import KeptFiles, Project
from resilience_analysis.foundation.settings import SETTINGS_FILE
from resilience_analysis.geography.groups import REGIONS_FILE, read_regions, standing_groups
from resilience_analysis.indicators.evidence import Evidence, measures
from resilience_analysis.indicators.framework import Framework, load_framework, load_unfrozen
from resilience_analysis.indicators.framework_checks import FILE_NAME
from resilience_analysis.indicators.scores import score_latest
from resilience_analysis.indicators.values import (
    derive_indicators,
    freeze,
    frozen_before,
    latest,
    lopsided_problems,
    needing_goalposts,
    reference_goalposts,
)
from resilience_analysis.self_assessment.answers import VERB, Voices, read_voices, remember_voices
from resilience_analysis.survey.items import ITEMS_FILE, load_instrument

OBSERVATIONS = "observations of raw files"


@dataclass(frozen=True)
class Built:
    """What a build did: the tables, the files that changed and the scores that moved."""

    tables: Processed
    files: list[str]
    moved: pd.DataFrame | None
    """One row per score that changed: nis_code, code, strand, ``before``, ``after``; None when there were no scores to
    compare the new ones with.
    """
    notes: tuple[str, ...] = ()  # which waves of the self-assessment stand as they were released before


def build(project: Project) -> Built:
    """Make ``data/processed`` from ``data/raw``; nothing is written when anything is wrong.

    Raises
    ------
    InputError
        When a raw file is not what was accepted, or any file or definition has faults.
    """
    catalogue = read_catalogue(project.raw)
    accepted = verify(project.raw, catalogue)
    framework = load_framework(project.definitions)
    raw = _raw(project, catalogue, accepted)
    instrument = load_instrument(project.definition(ITEMS_FILE))
    voices = read_voices(project, instrument)
    tables = assemble(project, raw, framework, catalogue, voices)
    before = _scores_before(project)
    remember_voices(project, voices, instrument)
    files = write_processed(project.processed, tables, _about(catalogue, framework))
    return Built(tables, files, None if before is None else difference(before, tables.scores), voices.stands.notes)


def _raw(project: Project, catalogue: Catalogue, accepted: Mapping[str, str]) -> Raw:
    """Read the raw files, of which the hashes are known, or what was observed in exactly these before."""
    kept = _kept(project, accepted)
    known = kept.find_table(OBSERVATIONS)
    raw = read_raw(project, catalogue, known)
    if known is None and _kept(project, {file: sha256(project.raw / file) for file in accepted}) == kept:
        kept.keep_table(OBSERVATIONS, raw.observations)  # the files are still those that were read
    return raw


def _kept(project: Project, raw: Mapping[str, str]) -> KeptFiles:
    """Return where results are kept that rest on raw files (hashes), on how they are read, and on this code."""
    definitions = [
        project.raw / "sources.yml",
        *(project.definition(name) for name in ("corrections.yml", SETTINGS_FILE)),
    ]
    about = [[str(path), sha256(path)] for path in definitions]
    return kept_for(replace(project, example=False), [str(project.raw), raw, about])  # raw files are the same


def preview(project: Project) -> pd.DataFrame | None:
    """Return the scores that would move if the raw files were accepted as they are; None when there are no scores yet.

    Raises
    ------
    InputError
        When any file or definition has faults.
    """
    before = _scores_before(project)
    if before is None:
        return None
    catalogue = read_catalogue(project.raw)
    framework = load_framework(project.definitions)
    tables = assemble(project, read_raw(project, catalogue), framework, catalogue)
    return difference(before, tables.scores)


def assemble(
    project: Project, raw: Raw, framework: Framework, catalogue: Catalogue, voices: Voices | None = None
) -> Processed:
    """Derive and score everything, without writing; what people answered is read when it is not given."""
    voices = voices or read_voices(project, load_instrument(project.definition(ITEMS_FILE)))
    given = [table for table in (_process_measures(project, raw), voices.given()) if not table.empty]
    evidence = Evidence(raw.observations, raw.municipalities, pd.concat(given) if given else pd.DataFrame())
    indicators = derive_indicators(evidence, framework, catalogue)
    newest = latest(indicators)
    raise_if_any("framework.yml", lopsided_problems(newest, framework))
    return Processed(
        municipalities=raw.municipalities,
        observations=raw.observations,
        indicators=indicators,
        scores=score_latest(newest, framework),
        join_report=join_report(raw.observations),
        survey_items=raw.items,
        mergers=raw.mergers,
        housing=raw.registers.housing,
        process=raw.registers.process,
        estimates=voices.estimates,
        changes=voices.changes,
        synthetic=_synthetic(raw, voices),
        boundaries=raw.boundaries,
        villages=raw.villages,
        village_figures=raw.village_figures,
    )


def _process_measures(project: Project, raw: Raw) -> pd.DataFrame:
    """Work out the measures of the process log."""
    geography = read_regions(project.definition(REGIONS_FILE))
    regions = standing_groups(geography, raw.municipalities)
    villages = {str(code): int(count) for code, count in raw.villages["nis_code"].value_counts().items()}
    words = read_words(project.definition(LOCAL_FILE))["process"]
    codes = [str(code) for code in raw.municipalities.index]
    return measures(raw.registers.process, codes, regions=regions, villages=villages, words=words)


def _synthetic(raw: Raw, voices: Voices) -> tuple[str, ...]:
    registers = ("housing", "process") if raw.registers.synthetic else ()
    return (*registers, VERB) if voices.synthetic else registers


def difference(before: pd.DataFrame, after: pd.DataFrame, *, tolerance: float = 1e-9) -> pd.DataFrame:
    """Return every score that is not what it was.

    Parameters
    ----------
    tolerance
        Differences in a score up to this do not count.

    Returns
    -------
    pandas.DataFrame
        nis_code, code, strand, ``before``, ``after``; a score that came or went has NaN on one side.
    """
    key = ["nis_code", "code", "strand"]
    columns = [*key, "before", "after"]
    earlier = before[[*key, "score"]].rename(columns={"score": "before"})
    later = after[[*key, "score"]].rename(columns={"score": "after"})
    both = earlier.merge(later, on=key, how="outer", validate="1:1")
    same = ((both["before"] - both["after"]).abs() <= tolerance) | (both["before"].isna() & both["after"].isna())
    return both.loc[~same, columns].reset_index(drop=True)


def freeze_goalposts(project: Project, *, today: dt.date, only: Iterable[str] | None = None) -> pd.DataFrame:
    """Freeze the goalposts on today's data and return which moved.

    Parameters
    ----------
    only
        Indicators to freeze; the others keep what was frozen before. All when not given.

    Raises
    ------
    UsageError
        When an indicator is not known, or theory sets its goalposts.
    """
    catalogue = read_catalogue(project.raw)
    verify(project.raw, catalogue)
    framework = load_unfrozen(project.definitions)
    raw = read_raw(replace(project, example=False), catalogue)
    indicators = derive_indicators(Evidence(raw.observations, raw.municipalities), framework, catalogue)
    codes = needing_goalposts(read_yaml(project.definitions / FILE_NAME))
    wanted = codes if only is None else _chosen(only, codes)
    posts = reference_goalposts(indicators, framework, wanted)
    kept = {code: post for code, post in frozen_before(project.definitions).items() if code in codes}
    posts = {code: posts.get(code) or kept[code] for code in codes if code in posts or code in kept}
    return freeze(posts, project.definitions, today=today, version=framework.version)


def _chosen(only: Iterable[str], codes: Sequence[str]) -> list[str]:
    wanted = list(only)
    strangers = [code for code in wanted if code not in codes]
    if strangers:
        listed = f"in definitions/{FILE_NAME}"
        raise UsageError("\n".join(unknown("indicator to freeze", code, codes, listed=listed) for code in strangers))
    return wanted


def _scores_before(project: Project) -> pd.DataFrame | None:
    """Return the scores of the last build; None when there was none or its table is broken, for it is made anew."""
    try:
        return read_table(project.processed, "scores")
    except InputError:
        return None


def _about(catalogue: Catalogue, framework: Framework) -> dict[str, Any]:
    return {
        "title": in_any(framework.title),
        "description": in_any(framework.definition),
        "version": framework.version,
        "sources": [
            {"title": f"{in_any(source.publisher)}: {in_any(source.title)} ({in_any(source.vintage)})"}
            | ({"path": source.page} if source.page else {})
            for source in catalogue.values()
        ],
        "licenses": [
            {"name": _slug(licence), "title": licence}
            for licence in dict.fromkeys(in_any(source.licence) for source in catalogue.values())
        ],
    }


def _slug(licence: str) -> str:
    return "".join(letter if letter.isalnum() or letter in ".-" else "-" for letter in licence.lower())[:60]
