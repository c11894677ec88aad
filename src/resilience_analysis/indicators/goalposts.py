"""Freeze goalposts: the percentiles of all municipalities, kept with their year until frozen anew."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd

from resilience_analysis.foundation.errors import InputError, Problem, raise_if_any
from resilience_analysis.foundation.files import read_yaml, write_yaml
from resilience_analysis.indicators.framework import Framework
from resilience_analysis.indicators.framework_checks import GOALPOSTS_FILE
from resilience_analysis.indicators.values import latest

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
    codes
        The indicators that need goalposts.

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


def lopsided_problems(indicators: pd.DataFrame, framework: Framework) -> list[Problem]:
    """Return every indicator that tells municipalities apart too little to be scored, unless it says why it is.

    More than half of its latest values lie at or beyond one goalpost, so that more than half of all have 0, or 100.
    Where fewer than `LEAST` have a value nothing is said.
    """
    rows = latest(indicators[indicators["indicator"].isin(list(framework.indicators)) & indicators["value"].notna()])
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
