"""Score many draws at once, redoing in a draw only what it changes.

A draw is a sample of the values, alternatives of the choices, and noise on the weights. Values that went through the
same sample and alternatives are imputed, treated and normalised once; the draws that share them differ in weights
only, and are then aggregated together as one product of matrices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from resilience_analysis.composite.aggregation import family, make_plan, mean_node
from resilience_analysis.composite.arrays import (
    SIGNIFICANT_DIGITS,
    Array,
    Mask,
    Rows,
    rank_columns,
    rows_by_year,
    spoken,
)
from resilience_analysis.composite.chain import chosen_weights, step_settings
from resilience_analysis.composite.choices import Factors, noisy_codes, with_alternatives
from resilience_analysis.composite.normalisation import make_normaliser, methods_of
from resilience_analysis.composite.operations import apply_steps
from resilience_analysis.composite.preparation import make_filler
from resilience_analysis.composite.sampling import Draws, Spread
from resilience_analysis.composite.structure import SCORED, indicator_codes
from resilience_analysis.composite.treatment import (
    has_transforms,
    make_rules,
    scale_problems,
    transform_array,
    transformed_metadata,
    treat_array,
)
from resilience_analysis.foundation.errors import InputError

CELLS = 4_000_000
"""How many values of draws are held at once."""
LASTING = "lasting"
_DATA_FREE = ("framework", "equal")
ENOUGH = 8
"""From so many draws on the same values, they are aggregated as one table under many weights."""


@dataclass(frozen=True)
class Experiment:
    """What all draws have in common."""

    table: pd.DataFrame  # indicators of all units, before imputation
    kept: Mask  # the units that are scored
    metadata: pd.DataFrame
    base: dict[str, Any]  # the settings of the nominal run
    factors: Factors
    spread: Spread | None
    seed: int
    codes: list[str]  # the aggregates asked for
    groups: pd.Series | None = None


@dataclass(frozen=True)
class Outcomes:
    """What draws gave: scores and ranks (draws, units, codes), NaN where a draw failed; why, and how many did."""

    scores: Array
    ranks: Array
    failures: Counter[str]


class _Way(NamedTuple):
    """One combination of alternatives: its steps, and a key of each that tells whether two are the same."""

    steps: dict[str, dict[str, Any]]
    keys: dict[str, str]

    def key(self, *steps: str) -> tuple[str, ...]:
        return tuple(self.keys.get(step, "") for step in steps)


@dataclass(frozen=True)
class _Values:
    """Values at some stage, why draws on them fail, how each indicator was treated, and weights by way of weighting."""

    table: Array
    fault: str = ""
    details: pd.DataFrame | None = None
    weights: dict[tuple[str, ...], tuple[Array, str]] = field(default_factory=dict)


@dataclass
class Engine:
    """Scores draws; keeps what several draws share."""

    task: Experiment
    ways: dict[tuple[int, ...], _Way] = field(default_factory=dict)
    shared: dict[tuple[int | str, ...], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Prepare what no draw changes."""
        task = self.task
        self.codes = indicator_codes(task.metadata)
        self.units = task.table.index[task.kept]
        self.years: list[Rows] = rows_by_year(self.units)
        self.metadata = transformed_metadata(task.metadata)
        noise = noisy_codes(task.metadata, task.factors.noise)
        self.weighted = [str(code) for code in task.metadata.index[task.metadata["type"].isin(SCORED)]]
        self.noise = noise.to_numpy(dtype=np.float64)
        self.noisy = np.array([self.weighted.index(str(code)) for code in noise.index], dtype=np.intp)

    @np.errstate(all="ignore")  # a draw that breaks a formula is counted, not warned of
    def evaluate(self, draws: Draws) -> Outcomes:
        """Score some draws."""
        scores = np.full((len(draws.samples), len(self.units), len(self.task.codes)), np.nan)
        failures: Counter[str] = Counter()
        for way, values, rows in self._batches(draws):
            reasons = self._score(way, values, rows, draws, scores)
            failures.update(reasons.values())
            scores[list(reasons)] = np.nan
        self.shared = {key: made for key, made in self.shared.items() if key[0] == LASTING}
        return Outcomes(scores, self._rank(scores), failures)

    def _batches(self, draws: Draws) -> Iterator[tuple[_Way, list[_Values], Rows]]:
        """Yield draws that are aggregated alike: their way, their normalised values (one for all, or each), rows."""
        size = max(1, CELLS // (len(self.units) * len(self.codes)))
        for way, members in self._families(draws):
            alone: list[tuple[_Values, int]] = []
            for values, rows in members:
                if len(rows) >= ENOUGH:
                    for start in range(0, len(rows), size):
                        yield way, [values], np.array(rows[start : start + size])
                else:
                    alone += [(values, row) for row in rows]
            for start in range(0, len(alone), size):
                part = alone[start : start + size]
                yield way, [values for values, _ in part], np.array([row for _, row in part])

    def _families(self, draws: Draws) -> Iterator[tuple[_Way, Iterator[tuple[_Values, list[int]]]]]:
        """Group draws by their plan of aggregation and set of weights, then by the values they share."""
        picks, which = np.unique(draws.picks, axis=0, return_inverse=True)
        ways = [self._way(tuple(int(place) for place in pick)) for pick in picks]
        families: dict[tuple[str, ...], tuple[_Way, dict[tuple[int, int], list[int]]]] = {}
        for row, (place, sample) in enumerate(zip(which.ravel(), draws.samples, strict=True)):
            way = ways[place]
            _, members = families.setdefault(way.key("weights", "aggregate"), (way, {}))
            members.setdefault((int(sample), int(place)), []).append(row)
        for way, members in families.values():
            yield way, ((self._values(ways[place], sample), rows) for (sample, place), rows in members.items())

    def _way(self, pick: tuple[int, ...]) -> _Way:
        if pick not in self.ways:
            options = self.task.factors.alternatives.values()
            chosen = [alternatives[place] for alternatives, place in zip(options, pick, strict=True)]
            steps = step_settings(with_alternatives(self.task.base, chosen))
            self.ways[pick] = _Way(steps, {step: _key(given) for step, given in steps.items()})
        return self.ways[pick]

    def _values(self, way: _Way, sample: int) -> _Values:
        """Return the normalised values of a sample, redoing only the steps that no draw before has done."""
        values = _Values(np.asarray(self.task.table, dtype=np.float64))
        key: tuple[str, ...] = ()
        for name, make in (
            ("sample", partial(self._draw, sample)),
            ("impute", self._impute),
            ("transform", self._transform),
            ("treat", self._treat),
            ("normalise", self._normalise),
        ):
            key = (*key, name, *way.key(name))
            values = self._once(partial(make, way, values), *key, sample=sample)
        return values

    def _once(self, make: Callable[[], Any], *key: str, sample: int = -1) -> Any:
        """Return what has been made before, or make it; what belongs to a sample is forgotten after its draws."""
        name = (LASTING if sample < 0 else sample, *key)
        if name not in self.shared:
            self.shared[name] = make()
        return self.shared[name]

    def _draw(self, sample: int, _: _Way, values: _Values) -> _Values:
        if sample < 0 or self.task.spread is None:
            return values
        return _Values(self.task.spread.draw(values.table, seed=self.task.seed, stream=sample))

    def _impute(self, way: _Way, values: _Values) -> _Values:
        if "impute" not in way.steps:
            return _Values(values.table[self.task.kept])
        units, given = self.task.table.index, {"groups": self.task.groups, **way.steps["impute"]}
        fill = self._once(partial(make_filler, units, self.task.metadata, **given), "filler", *way.key("impute"))
        filled = fill(pd.DataFrame(values.table, index=units, columns=pd.Index(self.codes)))
        return _Values(np.asarray(filled, dtype=np.float64)[self.task.kept])

    def _transform(self, _: _Way, values: _Values) -> _Values:
        if not has_transforms(self.task.metadata):
            return values
        moved = transform_array(values.table, self.task.metadata, self.years)
        lost = (np.isnan(moved) & ~np.isnan(values.table)).any(axis=0)
        fault = f"{self.codes[int(np.argmax(lost))]}: its transformation cannot take all values" if lost.any() else ""
        return _Values(moved, fault)

    def _treat(self, way: _Way, values: _Values) -> _Values:
        if "treat" not in way.steps:
            return values
        rules = self._once(partial(make_rules, self.metadata, **way.steps["treat"]), "rules", *way.key("treat"))
        names, own = zip(*(rules[code] for code in self.codes), strict=True)
        table, moved = treat_array(values.table, own, self.years)
        transforms = ["moved" if place in moved else "" for place in range(len(self.codes))]
        details = pd.DataFrame({"code": self.codes, "method": names, "transform": transforms})
        return _Values(table, values.fault, details)

    def _normalise(self, way: _Way, values: _Values) -> _Values:
        given, fault = way.steps.get("normalise", {}), values.fault
        method = given.get("method", "minmax")
        if values.details is not None and not fault:
            off_scale = scale_problems(values.details, self.metadata, methods_of(self.metadata, method))
            fault = f"{off_scale[0].where}: {off_scale[0].what}" if off_scale else ""
        if fault:
            return _Values(np.full(values.table.shape, np.nan), fault)
        make = partial(make_normaliser, self.metadata, self.units, self.codes, **given)
        table, refused = self._once(make, "normaliser", *way.key("normalise"))(values.table)
        if refused.any():
            code, named = self.codes[int(np.argmax(refused))], spoken(method, "the function")
            fault = f"{code}: has the same value in every unit, so {named} cannot normalise it"
        return _Values(table, fault)

    def _score(self, way: _Way, values: list[_Values], rows: Rows, draws: Draws, scores: Array) -> dict[int, str]:
        """Write the scores of some draws, and give why draws failed, by row."""
        make = partial(make_plan, self.task.metadata, **way.steps.get("aggregate", {}))
        plan = self._once(make, "plan", *way.key("aggregate"))
        x = values[0].table if len(values) == 1 else np.stack([each.table for each in values])
        found = [self._base_weights(way, each) for each in values]
        weights = self._noisy(np.stack([base for base, _ in found]), rows, draws)
        columns = {code: x[..., place] for place, code in enumerate(self.codes)}
        faults = [each.fault or fault for each, (_, fault) in zip(values, found, strict=True)]
        faults *= len(rows) // len(values)
        reasons = {int(row): fault for row, fault in zip(rows, faults, strict=True) if fault}
        for recipe in plan:
            code, w = recipe.node.code, weights[..., [self.weighted.index(child) for child in recipe.node.children]]
            part = family(columns, recipe.node)
            before = mean_node(part, w, recipe, self.years)
            columns[code] = apply_steps(before, recipe.steps, self.years)
            for wrong, text in (
                (recipe.mean.broken(part, w).any(axis=(-2, -1)), f"the {recipe.name} mean takes {recipe.mean.limit}"),
                ((np.isnan(columns[code]) & ~np.isnan(before)).any(axis=-1), "a step cannot take its scores"),
            ):
                fails = rows[np.broadcast_to(wrong, len(rows))]
                reasons = {**dict.fromkeys(fails.tolist(), f"{code}: {text}"), **reasons}
        for place, code in enumerate(self.task.codes):
            scores[rows, :, place] = columns[code]
        return reasons

    def _base_weights(self, way: _Way, values: _Values) -> tuple[Array, str]:
        """Return the weights before noise, and why there are none: a component that cannot be found, for one."""
        method = way.steps.get("weights", {}).get("method", "framework")
        choose = partial(self._choose_weights, way, values.table)
        if not isinstance(method, str) or method in _DATA_FREE:
            return self._once(choose, "weights", *way.key("weights")), ""
        key = way.key("weights", "aggregate")
        if key not in values.weights:
            try:
                values.weights[key] = choose(), ""
            except InputError as error:
                values.weights[key] = np.full(len(self.weighted), np.nan), str(error.problems[0])
        return values.weights[key]

    def _choose_weights(self, way: _Way, table: Array) -> Array:
        normalised = pd.DataFrame(table, index=self.units, columns=pd.Index(self.codes))
        return chosen_weights(normalised, self.task.metadata, way.steps)[self.weighted].to_numpy(dtype=np.float64)

    def _noisy(self, base: Array, rows: Rows, draws: Draws) -> Array:
        """Return the weights of some draws, (draws, codes), or one set for all when none is noisy."""
        if len(self.noisy) == 0:
            return np.asarray(base[0] if len(base) == 1 else base)
        noisy = np.broadcast_to(base, (len(rows), len(self.weighted))).copy()
        noisy[:, self.noisy] *= 1 + self.noise * draws.noise[rows]
        return noisy

    def _rank(self, scores: Array) -> Array:
        ranks = np.empty(scores.shape)
        for rows in self.years:
            for place in range(scores.shape[2]):
                ranks[:, rows, place] = rank_columns(-scores[:, rows, place].T, digits=SIGNIFICANT_DIGITS).T
        return ranks


def _key(given: dict[str, Any]) -> str:
    """Write the arguments of a step so that equal ones are written alike."""
    plain = {name: dict(value) if isinstance(value, pd.Series) else value for name, value in given.items()}
    return repr(sorted(plain.items(), key=lambda item: item[0]))
