"""Name the options that did nothing, since the user expected something of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from resilience_analysis.composite.nested import DeclaredFramework

RANKED = {"rank", "borda", "percentile-rank"}
RANGELESS = {"rank", "borda", "none"}
GROUPED = ("group-mean", "group-median")


def idle_options(
    framework: DeclaredFramework,
    asked: Mapping[str, Any],
    *,
    group: str | None = None,
    draws: int | None = None,
    seed: int | None = None,
    jobs: int | None = None,
) -> list[str]:
    """Name the options that do nothing without another one; the result is as good without them.

    Parameters
    ----------
    framework
        Its settings, and the methods that indicators have of their own, may be what an option is for.
    asked
        Settings as for `composite.score`, those that were asked for.
    group, draws, seed, jobs
        As for `scoring.run.run`; None where not given.

    Returns
    -------
    list of str
        A sentence for each.
    """
    return [
        *_of_steps(framework, asked),
        *_of_groups(str(asked.get("impute.method", framework.settings.get("impute.method"))), group),
        *(() if draws is not None else _of_draws(seed, jobs)),
    ]


def _of_steps(framework: DeclaredFramework, asked: Mapping[str, Any]) -> Iterator[str]:
    scales = _methods(framework, asked, "normalise", "minmax")
    if "treat.winmax" in asked and "winsorise" not in _methods(framework, asked, "treat", "none"):
        yield "--winmax did nothing: it limits winsorising, and no value was winsorised (--treat winsorise)"
    if "normalise.bounds" in asked and scales <= RANGELESS:
        yield f"--range did nothing: the method {min(scales)} has no range"
    if "normalise.ties" in asked and not scales & RANKED:
        yield f"--ties did nothing: it places equal values in ranks (--normalise {' or '.join(sorted(RANKED))})"
    if "normalise.reference" in asked and "distance-to-reference" not in scales:
        yield "--reference did nothing: it is for distances to it (--normalise distance-to-reference)"


def _methods(framework: DeclaredFramework, asked: Mapping[str, Any], step: str, usual: str) -> set[str]:
    """Return the methods of a step: the one for all, and those that indicators have of their own once it is done."""
    name = f"{step}.method"
    method = str(asked.get(name, framework.settings.get(name, usual)))
    is_done = step == "normalise" or name in asked or name in framework.settings
    own = framework.metadata[step].dropna() if is_done and step in framework.metadata.columns else ()
    return {method, *(str(one) for one in own if one)}


def _of_groups(method: str, group: str | None) -> Iterator[str]:
    if group is not None and method not in GROUPED:
        yield "--group did nothing: it names the groups for imputation (--impute group-mean or group-median)"


def _of_draws(seed: int | None, jobs: int | None) -> Iterator[str]:
    for option, value in (("--seed", seed), ("--jobs", jobs)):
        if value is not None:
            yield f"{option} did nothing: it is for draws (--uncertainty N)"
