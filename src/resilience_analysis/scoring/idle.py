"""Options that would do nothing are refused: whoever gives one expects something of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from resilience_analysis.composite import Framework
from resilience_analysis.errors import UsageError

RANKED = {"rank", "borda", "percentile-rank"}
GROUPED = ("group-mean", "group-median")


def check_options(
    framework: Framework,
    asked: Mapping[str, Any],
    *,
    group: str | None = None,
    draws: int | None = None,
    seed: int | None = None,
    jobs: int | None = None,
) -> None:
    """Refuse options that do nothing without another one, all in one message.

    Parameters
    ----------
    framework
        Its settings, and the methods that indicators have of their own, may be what an option is for.
    asked
        Settings as for `composite.score`, those that were asked for.
    group, draws, seed, jobs
        As for `scoring.run.run`; None where not given.

    Raises
    ------
    UsageError
        With a sentence for each.
    """
    sentences = [
        *_of_steps(framework, asked),
        *_of_groups(asked.get("impute.method"), group),
        *(() if draws is not None else _of_draws(seed, jobs)),
    ]
    if sentences:
        raise UsageError("\n".join(sentences))


def _of_steps(framework: Framework, asked: Mapping[str, Any]) -> Iterator[str]:
    scales = _methods(framework, asked, "normalise", "minmax")
    if "treat.winmax" in asked and "winsorise" not in _methods(framework, asked, "treat", "none"):
        yield "--winmax limits winsorising. Give --treat winsorise too"
    if "normalise.ties" in asked and not scales & RANKED:
        yield f"--ties places equal values in ranks. Give --normalise {' or '.join(sorted(RANKED))} too"
    if "normalise.reference" in asked and "distance-to-reference" not in scales:
        yield "--reference is what distances are taken to. Give --normalise distance-to-reference too"


def _methods(framework: Framework, asked: Mapping[str, Any], step: str, usual: str) -> set[str]:
    """Give the methods of a step: the one for all, and those that indicators have of their own once it is done."""
    name = f"{step}.method"
    method = str(asked.get(name, framework.settings.get(name, usual)))
    is_done = step == "normalise" or name in asked
    own = framework.metadata[step] if is_done and step in framework.metadata.columns else ()
    return {method, *own}


def _of_groups(method: str | None, group: str | None) -> Iterator[str]:
    if group is not None and method not in GROUPED:
        yield "--group names the groups for imputation. Give --impute group-mean or group-median too"
    if group is None and method in GROUPED:
        yield f"--impute {method} needs groups. Name their column with --group"


def _of_draws(seed: int | None, jobs: int | None) -> Iterator[str]:
    for option, value in (("--seed", seed), ("--jobs", jobs)):
        if value is not None:
            yield f"{option} is for draws. Give --uncertainty N too"
