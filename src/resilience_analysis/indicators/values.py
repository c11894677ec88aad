"""From observations and estimates to indicators: one row per municipality, year and indicator.

`pooled` takes all inhabitants of some municipalities together: the same recipes on their summed figures.
The median municipality is one thing, all inhabitants together another: a few large cities can differ from most places.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from resilience_analysis.data.catalogue import Catalogue
from resilience_analysis.data.processed import check_table
from resilience_analysis.foundation.errors import InputError, Problem, raise_if_any, unknown
from resilience_analysis.foundation.files import read_yaml, write_yaml
from resilience_analysis.indicators.evidence import MEASURES, VERB, Derived, Evidence, derived
from resilience_analysis.indicators.framework import Context, Framework, Indicator
from resilience_analysis.indicators.framework_checks import GOALPOSTS_FILE
from resilience_analysis.indicators.verbs import VERBS, derive, recipe_problems
from resilience_analysis.survey.intervals import wilson

COLUMNS = ["nis_code", "year", "indicator", "strand", "value", "unit", "n", "low", "high", "computed", "missing_reason"]
CONTEXT = "context"
OWN_SOURCES = ("derived", "self_assessment", "process_log")


def derive_indicators(evidence: Evidence, framework: Framework, catalogue: Catalogue) -> pd.DataFrame:
    """Derive every scored and context indicator of the framework.

    Parameters
    ----------
    catalogue
        The sources; the percentages of a survey have a margin.

    Returns
    -------
    pandas.DataFrame
        Schema ``indicators``, every municipality in every year an indicator is known for; ``low`` and ``high`` are the
        limits of the 95 % interval where a value rests on a sample.

    Raises
    ------
    InputError
        When the framework names a variable, level or source that does not exist, or figures that no year has together.
    """
    check_names(evidence, framework, catalogue)
    entries = framework.entries
    first = {code: entry for code, entry in entries.items() if not VERBS[verb_of(entry)].last}
    table = _derived_rows(evidence, first, framework, catalogue)
    later = {code: entry for code, entry in entries.items() if code not in first}
    rows = _derived_rows(replace(evidence, indicators=table), later, framework, catalogue)
    table = pd.concat([part for part in (table, rows) if not part.empty], ignore_index=True)
    table = table.sort_values(["indicator", "nis_code", "year"], ignore_index=True)
    return check_table(table[COLUMNS], "indicators")


def verb_of(entry: Indicator | Context) -> str:
    """Return the name of the verb that an indicator is derived with."""
    return str(next(iter(entry.derive)))


def _derived_rows(
    evidence: Evidence, entries: Mapping[str, Indicator | Context], framework: Framework, catalogue: Catalogue
) -> pd.DataFrame:
    frames, timeless = [], []
    for code, entry in entries.items():
        figures = derive(evidence, entry.derive)
        if figures.empty and VERBS[verb_of(entry)].given:
            figures = _nothing_given(evidence, framework.reference_year)
        if figures.empty:
            timeless.append(code)
            continue
        strand = entry.strand if isinstance(entry, Indicator) else CONTEXT
        rows = figures.reset_index().assign(indicator=code, strand=strand, unit=entry.unit)
        rows = rows.reindex(columns=COLUMNS).astype({"computed": object, "missing_reason": object})
        frames.append(_with_margin(rows, catalogue, entry.source))
    what = "no year has all its figures"
    raise_if_any("framework.yml", [Problem(f"indicator {code}", what) for code in timeless])
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=COLUMNS)


def _nothing_given(evidence: Evidence, year: int) -> Derived:
    return derived(evidence.municipalities.index, [year], value=np.nan, missing_reason="not_collected")


def latest(indicators: pd.DataFrame) -> pd.DataFrame:
    """Keep, for each indicator, the rows of the last year in which any municipality has a value.

    A municipality without a value in that year keeps its gap: an older figure never replaces it.
    """
    known = indicators[["indicator", "year"]].assign(known=indicators["value"].notna())
    years = known.sort_values(["known", "year"]).groupby("indicator")["year"].last()
    return indicators[indicators["year"] == indicators["indicator"].map(years)].reset_index(drop=True)


def check_names(evidence: Evidence, framework: Framework, catalogue: Catalogue) -> None:
    """Refuse a framework with a variable, year, area level, measure or source that is not there (`InputError`)."""
    years = evidence.observations.groupby("variable")["year"].unique()
    variables = {str(name): {int(year) for year in known} for name, known in years.items()}
    levels = set(evidence.municipalities.columns)
    problems: list[Problem] = []
    for code, entry in framework.entries.items():
        problems += recipe_problems(f"indicator {code}", entry.derive, variables=variables, levels=levels)
        if entry.source not in catalogue and entry.source not in OWN_SOURCES:
            problems.append(Problem(f"indicator {code}", f"the source {entry.source!r} is not in sources.yml"))
        if verb_of(entry) == VERB and (name := VERBS[VERB].arguments(entry.derive[VERB])["of"]) not in MEASURES:
            problems.append(Problem(f"indicator {code}", unknown("measure", name, MEASURES)))
    raise_if_any("framework.yml", problems)


def check_built(indicators: Collection[str], framework: Framework) -> None:
    """Refuse indicators that were built with another framework (`InputError`); names the remedy."""
    built, wanted = set(indicators), set(framework.entries)
    file, remedy = "indicators.csv", "Make it again with: resilience build"
    problems = [Problem(file, f"lacks {code} of framework.yml", remedy) for code in sorted(wanted - built)]
    problems += [Problem(file, f"has {code}, which framework.yml has not", remedy) for code in sorted(built - wanted)]
    raise_if_any("data/processed", problems)


def _with_margin(rows: pd.DataFrame, catalogue: Catalogue, source: str) -> pd.DataFrame:
    """Add the 95 % interval (Wilson 1927) of percentages from a survey.

    The interval is widened by half a rounding step on either side.
    """
    sampling = catalogue[source].sampling if source in catalogue else None
    if sampling is None:
        return rows
    half_step = sampling.rounding_pct / 2
    value, n = rows["value"].to_numpy(), rows["n"].to_numpy()
    fewest, most = (np.clip(value + step, 0, 100) / 100 * n for step in (-half_step, half_step))  # who said so
    low, high = wilson(fewest / n, n)[0], wilson(most / n, n)[1]
    # at 0 and 100 % the limit is the value itself, which rounding must not push past it
    return rows.assign(low=np.minimum(100 * low, value), high=np.maximum(100 * high, value))


TOGETHER = "00000"


@dataclass(frozen=True)
class Summed(Evidence):
    """Evidence of one place, that all are together."""

    series: Mapping[str, pd.Series] = field(default_factory=dict)  # the value of every variable by year

    def variable(self, name: str) -> Derived:
        """Return one variable in all years."""
        values = self.series[name]
        return derived(pd.Index([TOGETHER]), values.index.to_numpy(), value=values.to_numpy(), missing_reason=None)


def pooled(
    entry: Indicator | Context,
    figures: Mapping[str, pd.DataFrame],
    catalogue: Catalogue,
    municipalities: pd.DataFrame,
    *,
    codes: list[str],
) -> float:
    """Return an indicator for all inhabitants of some municipalities together, in its last year.

    Counts are added up before a share, rate or growth is taken; percentages of a source that names its variable of
    inhabitants are averaged with those weights.

    Parameters
    ----------
    codes
        NIS codes of the municipalities that have a value.

    Returns
    -------
    float
        Missing for what has no meaning for all together (a count, a median, an area, an evenness) or no weights.
    """
    verb = verb_of(entry)
    names = VERBS[verb].variables(entry.derive[verb])
    if not names or not VERBS[verb].whole or (verb == "take" and _is_additive(figures[names[0]], catalogue)):
        return float("nan")
    series = {}
    for name in names:
        summed = _together(figures[name], codes, figures, catalogue)
        if summed is None:
            return float("nan")
        series[name] = summed
    area = float(municipalities["area_km2"].reindex(codes).sum())
    places = pd.DataFrame({"area_km2": [area]}, index=pd.Index([TOGETHER], name="nis_code"))
    known = derive(Summed(pd.DataFrame(), places, series=series), entry.derive)["value"].dropna()
    return float(known.iloc[-1]) if len(known) else float("nan")


def _is_additive(rows: pd.DataFrame, catalogue: Catalogue) -> bool:
    column = catalogue[str(rows["source"].iloc[0])].column(str(rows["variable"].iloc[0]))
    return column is not None and column.additive


def _together(
    rows: pd.DataFrame, codes: list[str], figures: Mapping[str, pd.DataFrame], catalogue: Catalogue
) -> pd.Series | None:
    """Return one variable for all together, by year; None where it can be neither added up nor weighted."""
    source, name = catalogue[str(rows["source"].iloc[0])], str(rows["variable"].iloc[0])
    rows = rows[rows["nis_code"].isin(codes) & rows["value"].notna()]
    if _is_additive(figures[name], catalogue):
        return rows.groupby("year")["value"].sum()
    if source.combines(name):
        people = figures[str(source.inhabitants)][["nis_code", "year", "value"]]
        both = rows.merge(people, on=["nis_code", "year"], suffixes=("", "_people"), validate="1:1")
        weighted = (both["value"] * both["value_people"]).groupby(both["year"]).sum()
        return weighted / both.groupby("year")["value_people"].sum()
    return None


_HEAD = "Written by `resilience freeze`: where each indicator scores 0 and 100. A change here moves every score."
_DIGITS = 6
LEAST = 30
_LOPSIDED = "Show it as context instead, or say in `lopsided` why it is scored all the same"


def needing_goalposts(content: dict[str, Any]) -> list[str]:
    """Return the indicators in ``framework.yml`` to which theory sets no goalposts."""
    return [code for code, entry in content["indicators"].items() if not entry.get("goalposts")]


def reference_goalposts(indicators: pd.DataFrame, framework: Framework, codes: list[str]) -> dict[str, dict[str, Any]]:
    """Take goalposts from the latest value of every municipality.

    Parameters
    ----------
    indicators
        Schema ``indicators``.
    framework
        Says which percentiles (linear interpolation between ranks).

    Returns
    -------
    dict
        Per indicator ``goalposts`` [low, high], ``year`` and ``n``, the number of municipalities with a value.

    Raises
    ------
    InputError
        When no municipality has a value, or both percentiles are the same.
    """
    low_share, high_share = (percentile / 100 for percentile in framework.scoring.goalpost_percentiles)
    problems = []
    posts = {}
    for code in codes:
        rows = latest(indicators[indicators["indicator"] == code])
        values = rows["value"].dropna()
        low, high = (round(float(values.quantile(share)), _DIGITS) for share in (low_share, high_share))
        if not low < high:
            problems.append(Problem(f"indicator {code}", f"{len(values)} values give no two goalposts ({low}, {high})"))
            continue
        posts[code] = {"goalposts": [low, high], "year": int(rows["year"].iloc[0]), "n": len(values)}
    raise_if_any("goalposts", problems)
    return posts


def lopsided_problems(newest: pd.DataFrame, framework: Framework) -> list[Problem]:
    """Return every indicator that tells municipalities apart too little to be scored, unless it says why it is.

    More than half of its values in `newest`, from `latest`, lie at or beyond one goalpost, so that more than half of
    all have 0, or 100. Where fewer than `LEAST` have a value nothing is said.
    """
    rows = newest[newest["indicator"].isin(list(framework.indicators)) & newest["value"].notna()]
    problems = []
    for code, values in rows.groupby("indicator")["value"]:
        entry = framework.indicators[str(code)]
        low, high = entry.goalposts
        at = {f"{low:g}": (values <= low).mean(), f"{high:g}": (values >= high).mean()}
        post, share = max(at.items(), key=lambda found: found[1])
        if len(values) >= LEAST and share > 1 / 2 and entry.lopsided is None:
            what = f"{100 * share:.0f} % of {len(values)} values lie at the goalpost {post}"
            problems.append(Problem(f"framework.yml, indicator {code}", what, _LOPSIDED))
    return problems


def freeze(posts: dict[str, dict[str, Any]], folder: Path, *, today: dt.date, version: str) -> pd.DataFrame:
    """Write ``goalposts.yml`` and say what moved.

    Returns
    -------
    pandas.DataFrame
        One row per indicator whose goalposts changed: ``indicator``, ``before``, ``after`` (texts).
    """
    path = folder / GOALPOSTS_FILE
    before = frozen_before(folder)
    moved = [
        {"indicator": code, "before": str(before.get(code, {}).get("goalposts", "")), "after": str(post["goalposts"])}
        for code, post in posts.items()
        if before.get(code, {}).get("goalposts") != post["goalposts"]
    ]
    if before != posts:
        write_yaml(path, {"frozen": str(today), "framework": version, "indicators": posts}, head=_HEAD)
    return pd.DataFrame(moved, columns=["indicator", "before", "after"])


def frozen_before(folder: Path) -> dict[str, dict[str, Any]]:
    """Return what is frozen now; nothing when the file is missing or broken, for it is about to be written anew."""
    try:
        content = read_yaml(folder / GOALPOSTS_FILE)
    except InputError:
        return {}
    posts = content.get("indicators") if isinstance(content, dict) else None
    return {code: post for code, post in posts.items() if isinstance(post, dict)} if isinstance(posts, dict) else {}
