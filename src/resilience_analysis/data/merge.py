"""Renew a table that is kept: what is the same stays as it was written, and what is new is counted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from resilience_analysis.foundation.numbers import read_numbers
from resilience_analysis.foundation.tables import read_rows


@dataclass(frozen=True)
class Merged:
    """A renewed table, as text, and in words what is new in it."""

    table: pd.DataFrame
    said: str


def merged_tables(path: Path, fresh: pd.DataFrame, key: list[str], *, only: bool = False) -> Merged:
    """Renew the table in a file.

    Parameters
    ----------
    path
        The CSV that is kept; it may not be there yet.
    fresh
        New rows: figures as numbers, anything else as text.
    key
        The columns that name a row, once each.
    only
        Whether rows that are not in `fresh` are dropped instead of kept (years that a publisher no longer prints).

    Returns
    -------
    Merged
        Rows in order of the key, columns in that of the file.
    """
    kept = (
        read_rows(path, columns=key, rows_needed=False) if path.is_file() else pd.DataFrame(columns=key, dtype=object)
    )
    order = list(dict.fromkeys((*(kept.columns if path.is_file() else key), *fresh.columns)))
    fresh = fresh.assign(**{name: fresh[name].astype(str) for name in key}).set_index(key)
    kept = kept.set_index(key)
    columns = list(dict.fromkeys((*kept.columns, *fresh.columns)))
    rows = fresh.index if only else kept.index.union(fresh.index)
    table = kept.reindex(index=rows, columns=columns)
    changed = 0
    for name in fresh.columns:
        texts = _texts(fresh[name]).reindex(rows)
        same = _same(table[name], texts) | texts.isna()
        changed += int((~same & table.index.isin(kept.index)).sum())
        table[name] = table[name].where(same, texts)
    new = fresh.index.difference(kept.index)
    said = _said(new, changed, gone=len(kept.index.difference(fresh.index)), key=key, only=only)
    return Merged(table.fillna("").reset_index()[order].sort_values(key, ignore_index=True), said)


def _texts(column: pd.Series) -> pd.Series:
    """Write figures as short as they read back: 6, not 6.0."""
    if not pd.api.types.is_numeric_dtype(column):
        return column.fillna("").astype(object)
    return column.map(lambda v: "" if pd.isna(v) else str(int(v)) if float(v).is_integer() else repr(float(v))).astype(
        object
    )


def _same(old: pd.Series, new: pd.Series) -> pd.Series:
    """Return where two columns of text say the same, as text or as numbers."""
    both = pd.DataFrame({"old": old.fillna(""), "new": new.fillna("")}).astype(object)
    values, _ = read_numbers(both.reset_index(drop=True), ["old", "new"], file="")
    equal = np.isclose(values["old"], values["new"], rtol=1e-12, atol=0)
    return (both["old"] == both["new"]) & old.notna() | pd.Series(equal, index=old.index)


def _said(new: pd.Index, changed: int, *, gone: int, key: list[str], only: bool) -> str:
    parts = []
    if len(new):
        years = sorted(set(new.get_level_values("year"))) if "year" in key else []
        which = f" ({years[0]}-{years[-1]})" if len(years) > 1 else f" ({years[0]})" if years else ""
        parts.append(f"{len(new):,} new rows{which}")
    parts += [f"{changed:,} cells are different"] if changed else []
    parts += [f"{gone:,} rows {'dropped' if only else 'kept'} that the file does not have"] if gone else []
    return ", ".join(parts) or "written otherwise"
