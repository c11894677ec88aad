"""The figures behind a report as one tidy table, for further work."""

from __future__ import annotations

import pandas as pd

from resilience_analysis.indicators.framework import Context, Indicator
from resilience_analysis.profiles.comparator import Comparator
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.profiles.rows import factor_rows, indicator_rows

COLUMNS = {
    "nis_code": "string",
    "municipality": "string",
    "level": "string",
    "code": "string",
    "label": "string",
    "factor": "string",
    "strand": "string",
    "aspect": "string",
    "unit": "string",
    "direction": "integer",
    "year": "integer",
    "n": "number",
    "value": "number",
    "low": "number",
    "high": "number",
    "missing_reason": "string",
    "score": "number",
    "score_low": "number",
    "score_high": "number",
    "coverage": "number",
    "group_median": "number",
    "everywhere_q1": "number",
    "everywhere_median": "number",
    "everywhere_q3": "number",
    "everywhere_n": "integer",
    "source": "string",
    "licence": "string",
}
"""Every column of the table with its type, as Frictionless names it."""

_SPREAD = {
    "all_q1": "everywhere_q1",
    "all_median": "everywhere_median",
    "all_q3": "everywhere_q3",
    "all_n": "everywhere_n",
}
_WHOLE = ("direction", "year", "everywhere_n")


def figures(dataset: Dataset, codes: list[str], group: Comparator, *, language: str) -> pd.DataFrame:
    """Return all figures that reports about some municipalities show.

    Parameters
    ----------
    dataset
        The shared ground.
    codes
        NIS codes.
    group
        The comparator whose median is given.
    language
        Language of the labels and licences.

    Returns
    -------
    pandas.DataFrame
        One row per municipality and indicator, context indicator or factor and strand (``level``), columns as in
        `COLUMNS`; full precision, missing values with their reason.
    """
    frames = []
    for code in codes:
        named = {"nis_code": code, "municipality": str(dataset.names[code])}
        parts = (_indicators(dataset, code, group, language), _factors(dataset, code, group, language))
        frames += [part.assign(**named) for part in parts]
    table = pd.concat(frames, ignore_index=True).reindex(columns=list(COLUMNS))
    return table.astype(dict.fromkeys(_WHOLE, "Int64"))


def _indicators(dataset: Dataset, nis_code: str, group: Comparator, language: str) -> pd.DataFrame:
    entries: list[Indicator | Context] = list(dataset.framework.indicators.values())
    entries += dataset.framework.context.values()
    rows = indicator_rows(dataset, nis_code, group, [entry.id for entry in entries]).rename(columns=_SPREAD)
    facts = pd.DataFrame([_facts(dataset, entry, language) for entry in entries]).set_index("code")
    scores = pd.DataFrame({name: dataset.scores[name].loc[nis_code] for name in ("score", "low", "high")})
    scores = scores.reset_index(level=1, drop=True).add_prefix("score_").rename(columns={"score_score": "score"})
    known = scores[scores.index.isin(rows.index)]
    return rows.join(facts).join(known).rename_axis("code").reset_index()


def _facts(dataset: Dataset, entry: Indicator | Context, language: str) -> dict[str, object]:
    source = dataset.catalogue.get(entry.source)
    facts: dict[str, object] = {
        "code": entry.id,
        "label": entry.label[language],
        "unit": entry.unit,
        "source": source.citation if source else entry.source,
        "licence": source.licence[language] if source else "",
    }
    if isinstance(entry, Context):
        return {**facts, "level": "context", "strand": "context"}
    return {
        **facts,
        "level": "indicator",
        "factor": entry.dimension,
        "strand": entry.strand,
        "aspect": entry.aspect,
        "direction": entry.direction,
    }


def _factors(dataset: Dataset, nis_code: str, group: Comparator, language: str) -> pd.DataFrame:
    rows = factor_rows(dataset, nis_code, group).rename(columns={**_SPREAD, "low": "score_low", "high": "score_high"})
    labels = {code: dimension.label[language] for code, dimension in dataset.framework.dimensions.items()}
    return rows.assign(
        level="factor",
        code=rows["dimension"],
        factor=rows["dimension"],
        label=rows["dimension"].map(labels),
        unit="0-100",
    )
