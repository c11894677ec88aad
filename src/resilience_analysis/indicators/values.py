"""From observations and estimates to indicators: one row per municipality, year and indicator."""

from __future__ import annotations

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from resilience_analysis.data.catalogue import Catalogue
from resilience_analysis.foundation.errors import Problem, raise_if_any, unknown
from resilience_analysis.foundation.schemas import check_table
from resilience_analysis.indicators.framework import Context, Framework, Indicator
from resilience_analysis.indicators.process import MEASURES
from resilience_analysis.indicators.verbs import Derived, Evidence, derive, recipe_problems

COLUMNS = ["nis_code", "year", "indicator", "strand", "value", "unit", "n", "low", "high", "missing_reason"]
CONTEXT = "context"
OWN_SOURCES = ("derived", "self_assessment", "process_log")
GIVEN = ("self_assessment", "process")
_DEPENDENT = ("coverage", *GIVEN)


def derive_indicators(evidence: Evidence, framework: Framework, catalogue: Catalogue) -> pd.DataFrame:
    """Derive every scored and context indicator of the framework.

    Parameters
    ----------
    evidence
        Observations, municipalities, and what the self-assessment and the process log gave.
    framework
        Which indicators, and how each is derived.
    catalogue
        The sources, with the sample size to assume where a survey publishes none.

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
    entries: dict[str, Indicator | Context] = {**framework.indicators, **framework.context}
    derived = {
        code: derive(evidence, entry.derive)
        for code, entry in entries.items()
        if next(iter(entry.derive)) not in _DEPENDENT
    }
    timeless = [code for code, figures in derived.items() if not figures.years]
    what = "there is no year for which all its figures are known"
    raise_if_any("framework.yml", [Problem(f"indicator {code}", what) for code in timeless])
    frames = []
    for code, figures in derived.items():
        entry = entries[code]
        strand = entry.strand if isinstance(entry, Indicator) else CONTEXT
        frames.append(_with_margin(_rows(code, figures, entry.unit, strand), catalogue, entry.source))
    frames.append(_given_rows(evidence, framework))
    table = pd.concat(frames, ignore_index=True)
    table = pd.concat([table, _coverage_rows(table, framework)], ignore_index=True)
    table = table.sort_values(["indicator", "nis_code", "year"], ignore_index=True)
    return check_table(table[COLUMNS], "indicators")


def latest(indicators: pd.DataFrame) -> pd.DataFrame:
    """Keep, for each indicator, the rows of the last year in which any municipality has a value.

    A municipality without a value in that year keeps its gap: an older figure never stands in for it.
    """
    known = indicators.assign(known=indicators["value"].notna())
    years = known.sort_values(["known", "year"]).groupby("indicator")["year"].last()
    return indicators[indicators["year"] == indicators["indicator"].map(years)].reset_index(drop=True)


def check_names(evidence: Evidence, framework: Framework, catalogue: Catalogue) -> None:
    """Refuse a framework with a variable, year, area level, measure or source that is not there (`InputError`)."""
    years = evidence.observations.groupby("variable")["year"].unique()
    variables = {str(name): {int(year) for year in known} for name, known in years.items()}
    levels = set(evidence.municipalities.columns)
    problems: list[Problem] = []
    entries: dict[str, Indicator | Context] = {**framework.indicators, **framework.context}
    for code, entry in entries.items():
        problems += recipe_problems(f"indicator {code}", entry.derive, variables=variables, levels=levels)
        if entry.source not in catalogue and entry.source not in OWN_SOURCES:
            problems.append(Problem(f"indicator {code}", f"the source {entry.source!r} is not in sources.yml"))
        if entry.derive.get("process", MEASURES[0]) not in MEASURES:
            problems.append(Problem(f"indicator {code}", unknown("measure", entry.derive["process"], MEASURES)))
    raise_if_any("framework.yml", problems)


def check_built(indicators: pd.DataFrame, framework: Framework) -> None:
    """Refuse a table of indicators that was built with another framework (`InputError`); names the remedy."""
    built, wanted = set(indicators["indicator"].unique()), {*framework.indicators, *framework.context}
    file, remedy = "indicators.csv", "Make it again with: resilience build"
    problems = [Problem(file, f"lacks {code} of framework.yml", remedy) for code in sorted(wanted - built)]
    problems += [Problem(file, f"has {code}, which framework.yml has not", remedy) for code in sorted(built - wanted)]
    raise_if_any("data/processed", problems)


def _rows(code: str, derived: Derived, unit: str, strand: str) -> pd.DataFrame:
    values = derived.values.rename_axis(index="nis_code", columns="year").stack(future_stack=True)
    reasons = derived.reasons.rename_axis(index="nis_code", columns="year").stack(future_stack=True)
    rows = pd.DataFrame({"value": values, "missing_reason": reasons.astype(object)}).reset_index()
    return rows.assign(indicator=code, strand=strand, unit=unit, n=np.nan, low=np.nan, high=np.nan)


def _with_margin(rows: pd.DataFrame, catalogue: Catalogue, source: str) -> pd.DataFrame:
    """Add the 95 % interval (Wilson 1927) of percentages from a survey whose sample size has to be assumed.

    The interval is widened by half a rounding step on either side.
    """
    assumed = catalogue[source].assumed_n if source in catalogue else None
    if assumed is None:
        return rows
    half_step = catalogue[source].rounding_pct / 2
    value = rows["value"].to_numpy()
    low, _ = proportion_confint(np.clip(value - half_step, 0, 100) / 100 * assumed, assumed, method="wilson")
    _, high = proportion_confint(np.clip(value + half_step, 0, 100) / 100 * assumed, assumed, method="wilson")
    # at 0 and 100 % the limit is the value itself, which rounding must not push past it
    return rows.assign(low=np.minimum(100 * np.asarray(low), value), high=np.maximum(100 * np.asarray(high), value))


def _given_rows(evidence: Evidence, framework: Framework) -> pd.DataFrame:
    wanted = [ind for ind in framework.indicators.values() if next(iter(ind.derive)) in GIVEN]
    frames = [_given_of(indicator, evidence, framework.reference_year) for indicator in wanted]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=COLUMNS)


def _given_of(indicator: Indicator, evidence: Evidence, year: int) -> pd.DataFrame:
    verb, name = next(iter(indicator.derive.items()))
    columns = ["value", "n", "low", "high", "missing_reason"]
    known = evidence.given
    if not known.empty:
        known = known[(known["verb"] == verb) & (known["name"] == name)]
    years = sorted(known["year"].unique()) if not known.empty else [year]
    grid = pd.MultiIndex.from_product([evidence.municipalities.index, years], names=["nis_code", "year"])
    if known.empty:
        rows = pd.DataFrame(index=grid, columns=columns, dtype=object).reset_index()
    else:
        rows = known.set_index(["nis_code", "year"])[columns].reindex(grid).reset_index()
    for column in columns[:-1]:
        rows[column] = rows[column].astype(float)
    unexplained = rows["value"].isna() & rows["missing_reason"].isna()
    rows["missing_reason"] = rows["missing_reason"].astype(object).mask(unexplained, "not_collected")
    return rows.assign(indicator=indicator.id, strand=indicator.strand, unit=indicator.unit)


def _coverage_rows(table: pd.DataFrame, framework: Framework) -> pd.DataFrame:
    """Share of survey and register indicators with a value no older than ``max_age`` years in the reference year."""
    frames = []
    for code, indicator in framework.indicators.items():
        if "coverage" not in indicator.derive:
            continue
        oldest = framework.reference_year - int(indicator.derive["coverage"]["max_age"])
        counted = table[table["strand"].isin(["residents", "register"])]
        recent = counted["value"].notna() & (counted["year"] >= oldest)
        has = counted.assign(recent=recent).groupby(["nis_code", "indicator"])["recent"].any()
        value = 100 * has.groupby("nis_code").mean()
        derived = Derived(
            value.to_frame(framework.reference_year), value.to_frame(framework.reference_year).map(lambda _: None)
        )
        frames.append(_rows(code, derived, indicator.unit, indicator.strand))
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=COLUMNS)
