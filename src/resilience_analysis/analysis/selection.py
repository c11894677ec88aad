"""Which figures and places an analyst means: codes, scores or a Series of one's own; a region, or names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from resilience_analysis.foundation.errors import UsageError, unknown
from resilience_analysis.foundation.texts import Texts, load_texts
from resilience_analysis.geography.groups import places_meant
from resilience_analysis.indicators.framework import Indicator
from resilience_analysis.indicators.scores import node
from resilience_analysis.notebook import load_dataset
from resilience_analysis.profiles.comparator import comparator
from resilience_analysis.profiles.dataset import Dataset

Chosen = str | pd.Series | pd.DataFrame
"""A code of an indicator, of a context indicator or of a score (``dimension.strand``), or values of one's own."""
Several = Chosen | Iterable[str]
PLACE_COLUMNS = ("nis_code", "code", "name")
"""Columns of a table of one's own that say which place a row is about."""


@dataclass(frozen=True)
class Figures:
    """Values of every place, with what they are called.

    Attributes
    ----------
    code
        Their code, or the name of the Series.
    values
        A value per place, indexed by its code; NaN where there is none.
    label
        Their wording.
    unit
        Their unit; empty where it is not known.
    year
        Their year; None for scores and for values of one's own.
    hidden
        Codes of the places whose value is suppressed.
    indicator
        The definition of a scored indicator; None for all else.
    """

    code: str
    values: pd.Series
    label: str
    unit: str = ""
    year: int | None = None
    hidden: frozenset[str] = frozenset()
    indicator: Indicator | None = None

    @property
    def title(self) -> str:
        """Label, unit and year in one line."""
        facts = ", ".join(part for part in (self.unit, str(self.year or "")) if part)
        return f"{self.label} ({facts})" if facts else self.label


def words(language: str) -> Texts:
    """Return the words of a language; those of the project's first one when empty."""
    return load_texts(language or load_dataset().project.settings.languages[0])


def known_codes(dataset: Dataset) -> list[str]:
    """Return every code that has values: indicators, context, and scores as ``dimension.strand``."""
    framework = dataset.framework
    pairs = dataset.scores["score"].columns.to_list()
    scores = [node(*pair) for pair in pairs if pair[0] in framework.dimensions]
    return [*framework.indicators, *framework.context, *sorted(scores)]


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

    Raises
    ------
    UsageError
        When the code is not known (with the nearest), or a Series names places that are not known.
    """
    dataset, texts = load_dataset(), words(language)
    if isinstance(what, pd.DataFrame):
        what = _only_column(what)
    if isinstance(what, pd.Series):
        return Figures(str(what.name or ""), _aligned(dataset, what), str(what.name or ""))
    if what not in set(known_codes(dataset)):
        raise UsageError(unknown("indicator", what, known_codes(dataset)))
    if what in dataset.values:
        reasons = dataset.column("missing_reason")[what]
        entry = dataset.framework.indicators.get(what)
        defined = entry or dataset.framework.context[what]
        return Figures(
            what,
            dataset.values[what].astype(float),
            str(texts.pick(defined.label)),
            defined.unit,
            dataset.years[what],
            frozenset(reasons.index[reasons == "suppressed"]),
            entry,
        )
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
