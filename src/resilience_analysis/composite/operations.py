"""Operations on the values of one code: what a framework may ask for before normalising, and after aggregating.

They are written by name, parameters after a colon, in their order: ``log; power:2; cap:0,100``. Some look at one value
at a time, others at all units, in a panel at those of the same year. `OPERATIONS` has their formulas, and
docs/composite.md says what each is for. Exponential and probit: McLennan et al. (2019), *The English Indices of
Deprivation 2019, Technical report*, appendix F.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from resilience_analysis.composite.arrays import (
    ROUNDING,
    SIGNIFICANT_DIGITS,
    Array,
    Rows,
    check_known,
    column_count,
    column_max,
    column_min,
    column_shares,
    divide,
    listed,
    rank_columns,
    rows_by_year,
    skewness,
    standardise,
)
from resilience_analysis.foundation.errors import Problem, UsageError

EXPONENTIAL = 23.0
"""The constant of the exponential transformation: the most deprived tenth then has half of the scale."""


class Operation(NamedTuple):
    """What a name stands for."""

    formula: Callable[..., Array]  # from values (units x columns) and parameters to values; NaN where it cannot
    fewest: int = 0
    most: int | None = 0  # how many parameters it takes; None for no limit
    together: bool = False  # whether it looks at all units instead of one value at a time
    falls: Callable[[tuple[float, ...]], bool] = lambda _: False  # whether it turns the order of values
    needs: str = "numbers"  # which values it can take, as words for a message


class Step(NamedTuple):
    """One operation, by a name of `OPERATIONS`, with its parameters."""

    name: str
    parameters: tuple[float, ...] = ()

    @property
    def operation(self) -> Operation:
        """Return what the name stands for."""
        return OPERATIONS[self.name]


def read_steps(text: str) -> tuple[Step, ...]:
    """Read operations as they are written in metadata.

    Raises
    ------
    UsageError
        When a name is unknown, or its parameters are not numbers or not as many as it takes.

    Examples
    --------
    >>> read_steps("log; cap:0,100")
    (Step(name='log', parameters=()), Step(name='cap', parameters=(0.0, 100.0)))
    """
    return tuple(_read_step(part.strip()) for part in text.split(";") if part.strip())


def _read_step(text: str) -> Step:
    name, _, given = text.partition(":")
    name = name.strip()
    check_known("operation", name, OPERATIONS)
    try:
        parameters = tuple(float(part) for part in given.split(",") if part.strip())
    except ValueError:
        raise UsageError(f"{given!r} of the operation {name} is not a list of numbers") from None
    _, fewest, most, *_ = OPERATIONS[name]
    if not fewest <= len(parameters) <= (len(parameters) if most is None else most):
        wanted = {None: f"at least {fewest}", fewest: f"{fewest}"}.get(most, f"{fewest} to {most}")
        raise UsageError(f"the operation {name} has {len(parameters)} parameters. Give {wanted}")
    if name in RISING and list(parameters) != sorted(set(parameters)):
        raise UsageError(f"the parameters of {text} are not rising")
    return Step(name, parameters)


def write_steps(given: Any) -> str:
    """Write operations of a YAML file, one or a list of names or of ``{name: parameters}``, as metadata have them.

    Raises
    ------
    UsageError
        When something is neither.

    Examples
    --------
    >>> write_steps(["log", {"cap": [0, 100]}, {"power": 2}])
    'log; cap:0,100; power:2'
    """
    if isinstance(given, list):
        return "; ".join(write_steps(part) for part in given)
    if isinstance(given, str):
        return given.strip()
    if isinstance(given, dict) and len(given) == 1:
        ((name, parameters),) = given.items()
        numbers = parameters if isinstance(parameters, list) else [parameters]
        return f"{name}:{','.join(str(number) for number in numbers)}"
    raise UsageError(f"{given!r} is not an operation. Write its name, or its name with parameters: 'cap: [0, 100]'")


def apply_steps(values: Array, steps: Sequence[Step], years: Sequence[Rows]) -> Array:
    """Do operations one after the other on values (..., units), whose leading axes are draws.

    Those that look at all units take the rows of each year on their own. NaN where a value is missing or an operation
    cannot take it.
    """
    if not steps:
        return values
    table = values.reshape(-1, values.shape[-1]).T
    with np.errstate(all="ignore"):
        for step in steps:
            made = np.full(table.shape, np.nan)
            for rows in years if step.operation.together else [slice(None)]:
                made[rows] = step.operation.formula(table[rows], *step.parameters)
            table = np.where(np.isfinite(made), made, np.nan)
    result: Array = table.T.reshape(values.shape)
    return result


def step_problems(
    values: Array, steps: Sequence[Step], units: pd.Index, *, code: str, kind: str, remedy: str
) -> list[Problem]:
    """Name the first operation that cannot take all values (units,) of a code, and the units that it cannot take."""
    for step in steps:
        after = apply_steps(values, [step], rows_by_year(units))
        lost = np.isnan(after) & ~np.isnan(values)
        if lost.any():
            what = f"the {kind} {step.name} takes {step.operation.needs}, unlike {listed(units[lost])}"
            return [Problem(f"code {code}", what, remedy)]
        values = after
    return []


def _log(x: Array, base: float = np.e) -> Array:
    logged: Array = np.log(np.where(x > 0, x, np.nan)) / np.log(base)
    return logged


def _power(x: Array, exponent: float) -> Array:
    powered: Array = np.power(np.where((x >= 0) if exponent > 0 else (x > 0), x, np.nan), exponent)
    return powered


def _round(x: Array, decimals: float = 0.0) -> Array:
    scale = 10.0**decimals
    rounded: Array = np.sign(x) * np.floor(np.abs(x) * scale + 0.5 + 1e-9) / scale
    return rounded


def _exponential_share(x: Array, constant: float = EXPONENTIAL) -> Array:
    inside = np.where((x >= 0) & (x <= 1 + ROUNDING), np.minimum(x, 1.0), np.nan)
    scaled: Array = -constant * np.log(1 - inside * (1 - np.exp(-100 / constant)))
    return scaled


def _normal(x: Array) -> Array:
    from scipy.special import ndtr  # noqa: PLC0415 - only those who ask for it pay for it

    share: Array = ndtr(x)
    return share


def _rank(x: Array) -> Array:
    return rank_columns(x, digits=SIGNIFICANT_DIGITS)


def _rank_share(x: Array) -> Array:
    return rank_columns(x, ties="average", digits=SIGNIFICANT_DIGITS) / column_count(x)


def _probit(x: Array, c: float = 0.0) -> Array:
    from scipy.special import ndtri  # noqa: PLC0415 - only those who ask for it pay for it

    places = rank_columns(x, ties="average", digits=SIGNIFICANT_DIGITS)
    quantile: Array = ndtri((places - c) / (column_count(x) + 1 - 2 * c))
    return quantile


def log_by_skew(x: Array) -> Array:
    """Return ln((m - 1) (x - min) / (m - min) + 1), m the maximum; for a negative skew of max - x, turned."""
    turned = np.array([skewness(column[~np.isnan(column)]) < 0 for column in x.T])
    lowest, highest = column_min(x), column_max(x)
    distance = np.where(turned, highest - x, x - lowest)
    logged = np.log(divide((highest - 1) * distance, highest - lowest) + 1)
    signed: Array = np.where(turned, -logged, logged)
    return signed


def _bands(x: Array, *limits: float) -> Array:
    found: Array = np.where(np.isnan(x), np.nan, np.searchsorted(limits, x, side="right") + 1.0)
    return found


def _is_negative(parameters: tuple[float, ...]) -> bool:
    return parameters[0] < 0


RISING = ("cap", "minmax", "bands")
"""Operations whose parameters rise."""
OPERATIONS: dict[str, Operation] = {
    "log": Operation(_log, 0, 1, needs="values above 0"),
    "power": Operation(_power, 1, 1, falls=_is_negative, needs="values of at least 0 (above 0 for a negative power)"),
    "reciprocal": Operation(lambda x: _power(x, -1.0), falls=lambda _: True, needs="values above 0"),
    "logit": Operation(lambda x: _log(x) - _log(1 - x), needs="values between 0 and 1"),
    "exp": Operation(np.exp, needs="values whose power is finite"),
    "normal": Operation(_normal),
    "cap": Operation(np.clip, 2, 2),
    "add": Operation(np.add, 1, 1),
    "subtract": Operation(np.subtract, 1, 1),
    "multiply": Operation(np.multiply, 1, 1, falls=_is_negative),
    "divide": Operation(np.divide, 1, 1, falls=_is_negative, needs="a divisor other than 0"),
    "round": Operation(_round, 0, 1),
    "exponential-share": Operation(_exponential_share, 0, 1, needs="shares of 0 to 1"),
    "bands": Operation(_bands, 1, None),
    "rank": Operation(_rank, together=True),
    "rank-down": Operation(lambda x: _rank(-x), together=True, falls=lambda _: True),
    "rank-share": Operation(_rank_share, together=True),
    "percentile-rank": Operation(
        lambda x: divide(_rank(x) - 1, column_count(x) - 1), together=True, needs="at least 2 values"
    ),
    "probit": Operation(_probit, 0, 1, together=True),
    "exponential": Operation(lambda x, *c: _exponential_share(_rank_share(x), *c), 0, 1, together=True),
    "minmax": Operation(
        lambda x, low=0.0, high=1.0: low + column_shares(x) * (high - low),
        0,
        2,
        together=True,
        needs="values that differ",
    ),
    "above-min": Operation(lambda x, start: x - column_min(x) + start, 1, 1, together=True),
    "of-max": Operation(
        lambda x, top: top * divide(x, column_max(x)), 1, 1, together=True, needs="a maximum other than 0"
    ),
    "zscore": Operation(standardise, together=True, needs="values that differ"),
    "log-gii": Operation(log_by_skew, together=True, needs="values that differ, the largest above 1"),
    "quantiles": Operation(
        lambda x, groups: np.ceil(groups * _rank(x) / column_count(x) - ROUNDING), 1, 1, together=True
    ),
}
