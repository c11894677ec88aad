"""What an analyst means: places, codes or a table of one's own; an indicator more, or other choices, and what moves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from resilience_analysis.data.catalogue import Source
from resilience_analysis.foundation.errors import UsageError, unknown
from resilience_analysis.foundation.texts import Texts
from resilience_analysis.geography.groups import places_meant
from resilience_analysis.indicators.framework import Framework, Indicator
from resilience_analysis.indicators.scores import node, score
from resilience_analysis.notebook import load_dataset
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.profiles.rows import comparator

Chosen = str | pd.Series | pd.DataFrame
"""A code of an indicator, of a context indicator or of a score (``dimension.strand``), or values of one's own."""
Several = Chosen | Iterable[str]
PLACE_COLUMNS = ("nis_code", "code", "name")  # columns of a table of one's own that say which place a row is about


@dataclass(frozen=True)
class Figures:
    """Values of every place, with what they are called."""

    code: str  # their code, or the name of the Series
    values: pd.Series  # a value per place, indexed by its code; NaN where there is none
    label: str  # their wording
    unit: str = ""  # their unit; empty where it is not known
    year: int | None = None  # their year; None for scores and for values of one's own
    hidden: frozenset[str] = frozenset()  # codes of the places whose value is suppressed
    indicator: Indicator | None = None  # the definition of a scored indicator; None for all else

    @property
    def title(self) -> str:
        """Label, unit and year in one line."""
        facts = ", ".join(part for part in (self.unit, str(self.year or "")) if part)
        return f"{self.label} ({facts})" if facts else self.label


def words(language: str) -> Texts:
    """Return the words of a language; those of the project's first one when empty."""
    return load_dataset().texts(language)


def _known_codes(dataset: Dataset) -> list[str]:
    """Return every code that has values: indicators, context, and scores as ``dimension.strand``."""
    framework, pairs = dataset.framework, dataset.scores["score"].columns.to_list()
    scores = [node(*pair) for pair in pairs if pair[0] in framework.dimensions]
    return [*framework.entries, *sorted(scores)]


def listed(codes: Several) -> list[str]:
    """Return one code or several as a list.

    Examples
    --------
    >>> listed("trust")
    ['trust']
    >>> listed(("trust", "contact"))
    ['trust', 'contact']
    """
    if isinstance(codes, pd.DataFrame):
        return [str(column) for column in codes.columns]
    return [codes] if isinstance(codes, str) else [str(code) for code in codes]


def figures(what: Chosen, language: str = "") -> Figures:
    """Return the values that a code or a Series stands for.

    Parameters
    ----------
    what
        Code of an indicator, context indicator or score (``dimension.strand``); or a Series, or a DataFrame with one
        column of numbers, indexed by codes or names of places (or with them in one of `PLACE_COLUMNS`).
    language
        Of the label; the project's first when empty.

    Returns
    -------
    Figures
        A value for every place of the project.

    Raises
    ------
    UsageError
        When the code is not known (with the nearest), or a Series names places that are not known.

    Examples
    --------
    >>> figures("ctx_population", "en").title
    'Inhabitants (count, 2025)'
    """
    dataset, texts = load_dataset(), words(language)
    if isinstance(what, pd.DataFrame):
        what = _only_column(what)
    if isinstance(what, pd.Series):
        return Figures(str(what.name or ""), _aligned(dataset, what), str(what.name or ""))
    if what not in set(_known_codes(dataset)):
        raise UsageError(unknown("indicator", what, _known_codes(dataset)))
    if what in dataset.values:
        reasons, entry = dataset.column("missing_reason")[what], dataset.framework.indicators.get(what)
        defined, values = dataset.framework.entries[what], dataset.values[what].astype(float)
        hidden = frozenset(reasons.index[reasons == "suppressed"])
        return Figures(what, values, str(texts.pick(defined.label)), defined.unit, dataset.years[what], hidden, entry)
    dimension, strand = what.split(".")
    label = f"{texts.pick(dataset.framework.dimensions[dimension].short)}, {texts(f'strand.{strand}').lower()}"
    return Figures(what, dataset.scores["score"][dimension, strand].astype(float), label, "0-100")


def by_place(table: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of numbers of a table of one's own, indexed by codes or names of places.

    Examples
    --------
    >>> by_place(pd.DataFrame({"name": ["Olen"], "jobs": [3.0]})).loc["Olen", "jobs"]
    np.float64(3.0)
    """
    keys = [name for name in PLACE_COLUMNS if name in table]
    placed = table.set_index(keys[0]) if keys else table
    return placed.select_dtypes("number")


def _only_column(table: pd.DataFrame) -> pd.Series:
    numbers = by_place(table)
    if numbers.shape[1] != 1:
        named = ", ".join(map(str, numbers.columns)) or "none"
        raise UsageError(f"the table has {numbers.shape[1]} columns of numbers ({named}): choose one, as table['name']")
    return numbers.iloc[:, 0]


def _aligned(dataset: Dataset, values: pd.Series) -> pd.Series:
    """Return a Series of one's own by code, for every place."""
    by_name = {str(name): str(code) for code, name in dataset.names.items()}
    codes = pd.Index([by_name.get(str(place), str(place)) for place in values.index])
    strange = sorted(set(codes) - set(dataset.names.index))
    if strange:
        shown = ", ".join(strange[:5]) + (f" and {len(strange) - 5} more" if len(strange) > 5 else "")  # noqa: PLR2004
        raise UsageError(f"the Series names places that are not known: {shown}. Index it by codes or names of places")
    if codes.has_duplicates:
        raise UsageError(f"the Series has {codes[codes.duplicated()][0]} more than once. Give one value per place")
    return pd.Series(values.to_numpy(dtype=float), index=codes).reindex(dataset.names.index)


def table_of(codes: Several, language: str = "") -> dict[str, Figures]:
    """Return several figures by code; a DataFrame of one's own gives one for each column."""
    if isinstance(codes, pd.DataFrame):
        table = by_place(codes)
        return {str(column): figures(table[column].rename(str(column)), language) for column in table}
    if isinstance(codes, pd.Series):
        return {str(codes.name or ""): figures(codes, language)}
    return {code: figures(code, language) for code in listed(codes)}


def members_of(region: str) -> list[str]:
    """Return the codes of the places of a region, or of places separated by commas; the project's region when empty."""
    dataset = load_dataset()
    return list(comparator(dataset, region or dataset.project.settings.region).codes)


def places_named(label: str | Iterable[str] | None) -> list[str]:
    """Return the codes of a region, or of places named one by one; none where nothing is named."""
    dataset = load_dataset()
    if label is None:
        return []
    wanted = [label] if isinstance(label, str) else list(label)
    return places_meant(dataset.geography, dataset.municipalities, wanted, mergers=dataset.tables.mergers)


SOURCE = "own"
STRAND = "register"
_LOWER, _UPPER = 0.05, 0.95


def with_indicator(
    values: pd.Series | pd.DataFrame, *, code: str, label: str, dimension: str, year: int, unit: str = "",
    direction: int = 1, weight: float = 1.0, goalposts: tuple[float, float] | None = None, source: str = "",
) -> Dataset:  # fmt: skip
    """Return the figures of the project with an indicator more, and the scores that follow; nothing is written.

    Parameters
    ----------
    values
        A Series, or a DataFrame with one column of numbers, by codes or names of places.
    code
        What it is called in tables; not the code of another.
    label
        Its wording, in every language.
    dimension
        The factor that it counts in, in the strand of open figures.
    year
        The year of the values.
    unit
        Their unit.
    direction
        +1 when more is more resilient, -1 when less is.
    weight
        Its weight in the factor.
    goalposts
        Values that score 0 and 100; the 5th and 95th percentile of the values when not given.
    source
        Who published the values.

    Raises
    ------
    UsageError
        When a place or the factor is not known, the code is taken, or nothing differs between the goalposts.

    Examples
    --------
    >>> own = ra.with_indicator(table, code="clubs", label="Clubs", dimension="leren", year=2025)  # doctest: +SKIP
    >>> ra.profile("Herentals", data=own, sections=["factor_details"])  # doctest: +SKIP
    """
    dataset, found = load_dataset(), figures(values).values
    posts = goalposts or (float(found.quantile(_LOWER)), float(found.quantile(_UPPER)))
    faults = _faults(dataset.framework, code, dimension, direction, posts)
    if faults:
        raise UsageError("\n".join(faults))
    said = dict.fromkeys(dataset.project.settings.languages, label)
    indicator = Indicator(
        id=code, label=said, dimension=dimension, strand=STRAND, aspect="social", unit=unit, direction=direction,
        weight=weight, source=SOURCE, derive={"take": code}, goalposts=posts, goalposts_year=year, rationale=said,
    )  # fmt: skip
    framework = replace(dataset.framework, indicators={**dataset.framework.indicators, code: indicator})
    own = _rows(found, indicator, year)
    table = _added(dataset.tables.indicators, own)
    observed = _added(dataset.tables.observations, own.assign(variable=code, source=SOURCE))
    tables = replace(dataset.tables, indicators=table, observations=observed, scores=score(table, framework))
    catalogue = {**dataset.catalogue, SOURCE: _source(source or label, label, year, list(said))}
    return replace(dataset, framework=framework, catalogue=catalogue, tables=tables, kept={})


def _faults(framework: Framework, code: str, dimension: str, direction: int, posts: tuple[float, float]) -> list[str]:
    faults = [f"the code {code} is taken: choose another"] * (code in framework.entries)
    if dimension not in framework.dimensions:
        faults.append(unknown("factor", dimension, framework.dimensions))
    if direction not in (1, -1):
        faults.append(f"direction is {direction}: give 1 or -1")
    if not posts[0] < posts[1]:
        faults.append(f"the goalposts are {posts[0]:g} and {posts[1]:g}: the first must be below the second")
    return faults


def _rows(values: pd.Series, indicator: Indicator, year: int) -> pd.DataFrame:
    own = pd.DataFrame({"nis_code": values.index, "value": values.to_numpy()})
    own["missing_reason"] = pd.Series("not_in_source", own.index).where(own["value"].isna())
    return own.assign(year=year, indicator=indicator.id, strand=indicator.strand, unit=indicator.unit)


def _added(table: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([table, rows.reindex(columns=table.columns).astype(table.dtypes.to_dict())], ignore_index=True)


def _source(publisher: str, label: str, year: int, languages: list[str]) -> Source:
    said: dict[str, Any] = dict.fromkeys(languages, label)
    return Source(
        name=SOURCE, file="", format="", publisher=publisher, page="", citation=publisher, accessed=str(year),
        title=said, licence=dict.fromkeys(languages, "–"), vintage=dict.fromkeys(languages, str(year)), purpose=said,
    )  # fmt: skip


KEY = ["nis_code", "code", "strand"]


def what_if(
    framework: Framework | None = None, *, indicators: pd.DataFrame | None = None, region: str | None = None,
    **changes: Any,
) -> pd.DataFrame:  # fmt: skip
    """Score again with other choices and compare.

    Parameters
    ----------
    framework
        The changed framework; or give `changes`.
    indicators
        Schema ``indicators``, to score other values; those of the project when not given.
    region
        Only the places of a group, or those separated by commas; all when not given.
    **changes
        As in `Framework.with_`: ``weights``, ``directions``, ``goalposts``, ``normalise``, ``aggregate``,
        ``min_coverage``.

    Returns
    -------
    pandas.DataFrame
        One row per place, factor and strand: ``nis_code``, ``name``, ``code``, ``strand``, ``before``, ``before_low``,
        ``before_high``, ``after``, ``after_low``, ``after_high`` (scores 0-100 with their 95 % intervals), ``moved``
        (after less before) and ``beyond_margin`` (whether the new score lies outside the old interval; missing where
        there is none). The largest moves first.

    Raises
    ------
    UsageError
        When nothing is changed, or a change names something that is not there.

    Examples
    --------
    >>> ra.what_if(weights={"org_trust_municipality": 3}, region="neteland")  # doctest: +SKIP
    """
    dataset = load_dataset()
    if framework is None and indicators is None and not changes:
        raise UsageError("nothing is changed: give weights, directions, goalposts, normalise, aggregate or a framework")
    changed = (framework or dataset.framework).with_(**changes)
    table = dataset.tables.indicators if indicators is None else indicators
    after = _factors(score(table, changed), "after")
    moved = _factors(dataset.tables.scores, "before").join(after, how="outer").reset_index()
    moved = moved.assign(moved=moved["after"] - moved["before"], name=moved["nis_code"].map(dataset.names))
    outside = (moved["after"] < moved["before_low"]) | (moved["after"] > moved["before_high"])
    known = moved[["after", "before_low"]].notna().all(axis=1)
    moved["beyond_margin"] = outside.astype("boolean").mask(~known)
    if region is not None:
        moved = moved[moved["nis_code"].isin(members_of(region))]
    return moved.sort_values("moved", key=abs, ascending=False, kind="stable", ignore_index=True)[_COLUMNS]


_COLUMNS = [
    "nis_code", "name", "code", "strand", "before", "before_low", "before_high", "after", "after_low", "after_high",
    "moved", "beyond_margin",
]  # fmt: skip


def _factors(scores: pd.DataFrame, when: str) -> pd.DataFrame:
    rows = scores[scores["level"] == "dimension"].set_index(KEY)[["score", "low", "high"]]
    return rows.set_axis([when, f"{when}_low", f"{when}_high"], axis="columns")
