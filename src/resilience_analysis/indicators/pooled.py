"""All inhabitants of some municipalities taken together: the same recipes on their summed figures.

The median municipality is one thing, all inhabitants together another: a few large cities can differ from most places.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from resilience_analysis.data.catalogue import Catalogue
from resilience_analysis.indicators.evidence import Evidence
from resilience_analysis.indicators.framework import Context, Indicator
from resilience_analysis.indicators.recipes import VERBS
from resilience_analysis.indicators.verbs import derive

TOGETHER = "00000"


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
    entry
        The indicator or context indicator.
    figures
        The observations of each variable.
    catalogue
        Says what each variable is.
    municipalities
        Schema ``municipalities``, indexed by ``nis_code``.
    codes
        NIS codes of the municipalities that have a value.

    Returns
    -------
    float
        Missing for what has no meaning for all together (a count, a median, an area, an evenness) or no weights.
    """
    verb, names = next(iter(entry.derive)), _variables(entry)
    if not names or not VERBS[verb].whole or (verb == "take" and _is_additive(figures[names[0]], catalogue)):
        return float("nan")
    summed = [_together(figures[name], codes, figures, catalogue) for name in names]
    tables = [table for table in summed if table is not None]
    if len(tables) < len(summed):
        return float("nan")
    area = float(municipalities["area_km2"].reindex(codes).sum())
    places = pd.DataFrame({"area_km2": [area]}, index=pd.Index([TOGETHER], name="nis_code"))
    known = derive(Evidence(pd.concat(tables), places), entry.derive).values.stack()
    return float(known.to_numpy()[-1]) if len(known) else float("nan")


def _variables(entry: Indicator | Context) -> list[str]:
    """Return the variables that the recipe of an indicator names, each once."""
    name, written = next(iter(entry.derive.items()))
    arguments = VERBS[name].arguments(written)
    found: list[str] = []
    for argument, kind in VERBS[name].form.items():
        if "variable" in kind and argument in arguments:
            given = arguments[argument]
            found += [given] if isinstance(given, str) else given
    return list(dict.fromkeys(found))


def _is_additive(rows: pd.DataFrame, catalogue: Catalogue) -> bool:
    column = catalogue[str(rows["source"].iloc[0])].column(str(rows["variable"].iloc[0]))
    return column is not None and column.additive


def _together(
    rows: pd.DataFrame, codes: list[str], figures: Mapping[str, pd.DataFrame], catalogue: Catalogue
) -> pd.DataFrame | None:
    """Return one variable for all together, a row per year; None where it can be neither added up nor weighted."""
    source, name = catalogue[str(rows["source"].iloc[0])], str(rows["variable"].iloc[0])
    rows = rows[rows["nis_code"].isin(codes) & rows["value"].notna()]
    if _is_additive(figures[name], catalogue):
        values = rows.groupby("year")["value"].sum()
    elif source.combines(name):
        people = figures[str(source.inhabitants)][["nis_code", "year", "value"]]
        both = rows.merge(people, on=["nis_code", "year"], suffixes=("", "_people"), validate="1:1")
        weighted = (both["value"] * both["value_people"]).groupby(both["year"]).sum()
        values = weighted / both.groupby("year")["value_people"].sum()
    else:
        return None
    table = values.rename("value").reset_index()
    return table.assign(nis_code=TOGETHER, variable=name, missing_reason=None)
