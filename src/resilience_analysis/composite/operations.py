"""Operations on the values of one code: what a framework may ask for before normalising, and after aggregating.

They are written by name, parameters after a colon, in their order: ``log; power:2; cap:0,100``. With x the values,
r their rank from the lowest (1; equal values share the mean of their places) and n how many units have one:

====================== ==========================================================================================
operation              result
====================== ==========================================================================================
``log``                ln x, or ``log:10`` to a base; x above 0
``power:p``            x^p; x of at least 0, above 0 for a negative p
``reciprocal``         1 / x; x above 0
``logit``              ln(x / (1 - x)); x between 0 and 1
``exp``                e^x
``normal``             the share of a standard normal distribution below x
``cap:low,high``       x, at least low and at most high
``add:k``, ``subtract:k``, ``multiply:k``, ``divide:k``
``round:d``            to d decimals, halves away from zero
``exponential-share``  -23 ln(1 - x (1 - exp(-100 / 23))) for shares of 0 to 1, or another constant after the colon
``rank``               r, equal values sharing the lowest of their places; ``rank-down`` from the highest, 1
``rank-share``         r / n
``percentile-rank``    (rank - 1) / (n - 1)
``probit``             the standard normal quantile of (r - c) / (n + 1 - 2 c); c after the colon, 0
``exponential``        ``exponential-share`` of r / n: the transformation of the English and Scottish indices
``minmax:low,high``    low + (x - min) / (max - min) (high - low); 0, 1
``above-min:k``        x - min + k
``of-max:k``           k x / max
``zscore``             (x - mean) / sd, sd of a sample
``log-gii``            ln((m - 1) (x - min) / (m - min) + 1) with m the maximum; turned for a negative skew
``quantiles:k``        the group from 1 to k of equal size, from the lowest: ceil(k rank / n)
``bands:a,b,...``      1 below a, 2 from a to below b, and so on
====================== ==========================================================================================

Those down to ``exponential-share`` look at one value at a time. The others look at all units, in a panel at those of
the same year. Exponential and probit: McLennan et al. (2019), *The English Indices of Deprivation 2019, Technical
report*, appendix F.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from resilience_analysis.composite import arrays
from resilience_analysis.foundation.errors import UsageError, unknown

if TYPE_CHECKING:
    from resilience_analysis.composite.arrays import Array, Mask, Rows

Formula = Callable[..., "Array"]
ALONE, TOGETHER = "alone", "together"


@dataclass(frozen=True)
class Operation:
    """What a name stands for."""

    formula: Formula  # from values (units x columns) and parameters to values
    fewest: int = 0
    most: int | None = 0  # how many parameters it takes; None for no limit
    looks: str = ALONE  # at one value at a time, or TOGETHER at all units
    falls: Callable[[tuple[float, ...]], bool] = lambda _: False  # whether it turns the order of values
    needs: str = "numbers"  # which values it can take, as words for a message


@dataclass(frozen=True)
class Step:
    """One operation, by a name of `OPERATIONS`, with its parameters."""

    name: str
    parameters: tuple[float, ...] = ()

    @property
    def operation(self) -> Operation:
        """Return what the name stands for."""
        return OPERATIONS[self.name]

    @property
    def falls(self) -> bool:
        """Return whether the step turns the order of values."""
        return self.operation.falls(self.parameters)

    @property
    def is_alone(self) -> bool:
        """Return whether the step looks at one value at a time."""
        return self.operation.looks == ALONE


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
    if name not in OPERATIONS:
        raise UsageError(unknown("operation", name, OPERATIONS))
    try:
        parameters = tuple(float(part) for part in given.split(",") if part.strip())
    except ValueError:
        raise UsageError(f"{given!r} of the operation {name} is not a list of numbers") from None
    operation = OPERATIONS[name]
    if len(parameters) < operation.fewest or (operation.most is not None and len(parameters) > operation.most):
        raise UsageError(f"the operation {name} has {len(parameters)} parameters. {_spoken(operation)}")
    if name in RISING and list(parameters) != sorted(set(parameters)):
        raise UsageError(f"the parameters of {text} are not rising")
    return Step(name, parameters)


def _spoken(operation: Operation) -> str:
    if operation.most is None:
        return f"Give at least {operation.fewest}"
    if operation.fewest == operation.most:
        return f"Give {operation.fewest}"
    return f"Give {operation.fewest} to {operation.most}"


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
            for rows in [slice(None)] if step.is_alone else years:
                made[rows] = step.operation.formula(table[rows], *step.parameters)
            table = np.where(np.isfinite(made), made, np.nan)
    result: Array = table.T.reshape(values.shape)
    return result


def first_refusal(values: Array, steps: Sequence[Step], years: Sequence[Rows]) -> tuple[Step, Mask] | None:
    """Find the first operation that makes values (units,) missing, and which; None when all can be done."""
    for step in steps:
        after = apply_steps(values, [step], years)
        lost = np.isnan(after) & ~np.isnan(values)
        if lost.any():
            return step, lost
        values = after
    return None


RISING = ("cap", "minmax", "bands")
OPERATIONS: dict[str, Operation] = {
    "log": Operation(arrays.logarithm, 0, 1, needs="values above 0"),
    "power": Operation(
        arrays.raised,
        1,
        1,
        falls=lambda given: given[0] < 0,
        needs="values of at least 0 (above 0 for a negative power)",
    ),
    "reciprocal": Operation(lambda x: arrays.raised(x, -1.0), falls=lambda _: True, needs="values above 0"),
    "logit": Operation(lambda x: arrays.logarithm(x) - arrays.logarithm(1 - x), needs="values between 0 and 1"),
    "exp": Operation(np.exp, needs="values whose power is finite"),
    "normal": Operation(arrays.normal_share),
    "cap": Operation(np.clip, 2, 2),
    "add": Operation(np.add, 1, 1),
    "subtract": Operation(np.subtract, 1, 1),
    "multiply": Operation(np.multiply, 1, 1, falls=lambda given: given[0] < 0),
    "divide": Operation(np.divide, 1, 1, falls=lambda given: given[0] < 0, needs="a divisor other than 0"),
    "round": Operation(arrays.rounded_half_up, 0, 1),
    "exponential-share": Operation(arrays.exponential_of_share, 0, 1, needs="shares of 0 to 1"),
    "rank": Operation(arrays.rank_upwards, looks=TOGETHER),
    "rank-down": Operation(arrays.rank_downwards, looks=TOGETHER, falls=lambda _: True),
    "rank-share": Operation(arrays.share_of_rank, looks=TOGETHER),
    "percentile-rank": Operation(arrays.percentile, looks=TOGETHER, needs="at least 2 values"),
    "probit": Operation(arrays.normal_score, 0, 1, TOGETHER),
    "exponential": Operation(arrays.exponential_of_rank, 0, 1, TOGETHER),
    "minmax": Operation(arrays.stretched, 0, 2, TOGETHER, needs="values that differ"),
    "above-min": Operation(arrays.above_lowest, 1, 1, TOGETHER),
    "of-max": Operation(arrays.share_of_highest, 1, 1, TOGETHER, needs="a maximum other than 0"),
    "zscore": Operation(arrays.standardised, looks=TOGETHER, needs="values that differ"),
    "log-gii": Operation(arrays.logarithm_by_skew, looks=TOGETHER, needs="values that differ, the largest above 1"),
    "quantiles": Operation(arrays.group_of_equal_size, 1, 1, TOGETHER),
    "bands": Operation(arrays.band, 1, None),
}
