"""What the process log says of a municipality: meetings kept, backgrounds, village teams, evaluations, feedback."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from resilience_analysis.data.registers import parts

COLUMNS = ["verb", "name", "nis_code", "year", "value", "n", "low", "high", "missing_reason"]
VERB = "process"


def concerning(log: pd.DataFrame, nis_code: str, regions: Mapping[str, set[str]]) -> pd.DataFrame:
    """Return the rows of the log about a municipality: its own, and those of a region it belongs to."""
    areas = {nis_code, *(region for region, codes in regions.items() if nis_code in codes)}
    return log[log["area"].isin(areas)]


def measures(
    log: pd.DataFrame,
    codes: list[str],
    *,
    regions: Mapping[str, set[str]],
    villages: Mapping[str, int],
    words: Mapping[str, Any],
) -> pd.DataFrame:
    """Work out the measures of the process strand, per municipality and calendar year.

    Parameters
    ----------
    log
        The ``process`` table of `sources.local.Registers`.
    codes
        NIS codes.
    regions
        NIS codes of every region that a row of the log may concern.
    villages
        Number of villages per municipality, where it is known.
    words
        Section ``process`` of ``local.yml``.

    Returns
    -------
    pandas.DataFrame
        Columns ``verb`` (``process``), ``name`` (of the measure), ``nis_code``, ``year``, ``value``, ``n`` (what it
        rests on), ``low``, ``high`` (missing: a log is not a sample), ``missing_reason``. Only what the log knows of.
    """
    rows = []
    if log.empty:
        return pd.DataFrame(columns=COLUMNS)
    dated = log.assign(year=log["date"].str[:4].astype(int))
    last = dated.loc[dated["status"].isin(words["held"]), "date"].max()
    for code in codes:
        for year, entries in concerning(dated, code, regions).groupby("year"):
            context = {"words": words, "last": last, "villages": villages.get(code)}
            for name, measure in _MEASURES.items():
                value, n = measure(entries, context)
                rows.append({"name": name, "nis_code": code, "year": int(str(year)), "value": value, "n": n})
    table = pd.DataFrame(rows, columns=["name", "nis_code", "year", "value", "n"])
    table = table[table["n"] > 0].assign(verb=VERB, low=float("nan"), high=float("nan"), missing_reason=None)
    return table[COLUMNS].reset_index(drop=True)


def _meetings_held(entries: pd.DataFrame, context: Mapping[str, Any]) -> tuple[float, int]:
    """Share of the meetings agreed up to the last one held that were held."""
    words = context["words"]
    agreed = entries[entries["type"].isin(words["meetings"]) & (entries["date"] <= str(context["last"]))]
    return _percentage(agreed["status"].isin(words["held"]))


def _backgrounds(entries: pd.DataFrame, context: Mapping[str, Any]) -> tuple[float, int]:
    """Count the different backgrounds around the table."""
    held = entries[entries["type"].isin(context["words"]["meetings"]) & (entries["backgrounds"] != "")]
    return float(len({part for cell in held["backgrounds"] for part in parts(cell)})), len(held)


def _village_teams(entries: pd.DataFrame, context: Mapping[str, Any]) -> tuple[float, int]:
    """Share of the villages that have an active team, after the last row about each."""
    if not context["villages"]:
        return float("nan"), 0
    teams = entries[entries["type"].isin(context["words"]["teams"]) & (entries["village"] != "")]
    last = teams.sort_values("date").groupby("village")["phase"].last()
    active = int(last.isin(context["words"]["active_phases"]).sum())
    return 100 * active / context["villages"], (context["villages"] if len(teams) else 0)


def _evaluated(entries: pd.DataFrame, context: Mapping[str, Any]) -> tuple[float, int]:
    """Share of the completed pilots that were evaluated."""
    words = context["words"]
    done = entries[entries["type"].isin(words["pilots"]) & entries["status"].isin(words["completed"])]
    return _percentage(done["evaluated"].isin(words["done"]))


def _feedback(entries: pd.DataFrame, context: Mapping[str, Any]) -> tuple[float, int]:
    """Share of the participation events whose participants heard within six months what happened with their input."""
    words = context["words"]
    held = entries[entries["type"].isin(words["events"]) & entries["status"].isin(words["held"])]
    waited = pd.to_datetime(held["feedback_on"].replace("", None)) - pd.to_datetime(held["date"])
    return _percentage(waited.dt.days <= words["feedback_within_days"])


def _percentage(fine: pd.Series) -> tuple[float, int]:
    return (100 * float(fine.mean()) if len(fine) else float("nan")), len(fine)


_MEASURES: dict[str, Callable[[pd.DataFrame, Mapping[str, Any]], tuple[float, int]]] = {
    "meetings_held": _meetings_held,
    "backgrounds": _backgrounds,
    "village_teams": _village_teams,
    "evaluated": _evaluated,
    "feedback": _feedback,
}
MEASURES = tuple(_MEASURES)
