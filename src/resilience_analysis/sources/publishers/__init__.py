"""The formats of publishers, one small module each: from the bytes they publish to our own raw table."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from resilience_analysis.sources.publishers import statbel, swing

Reader = Callable[[bytes, pd.Series], pd.DataFrame]
READERS: dict[str, Reader] = {
    "statbel_permits": statbel.read_permits,
    "statbel_fiscal_income": statbel.read_fiscal_income,
    "swing_jobseekers": swing.read_jobseekers,
}
"""By name: takes the published bytes and the names of the municipalities (by NIS code), gives our raw table."""
