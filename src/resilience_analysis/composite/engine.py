"""Score many draws at once, redoing in a draw only what it changes.

A draw is a sample of the values, alternatives of the choices, and noise on the weights. Values that went through the
same sample and alternatives are imputed, treated and normalised once; the draws that share them differ in weights
only, and are then aggregated together as one product of matrices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from resilience_analysis.composite.aggregation import Plan, family, make_plan, mean_node
from resilience_analysis.composite.arrays import SIGNIFICANT_DIGITS, Array, Rows, rank_columns, year_rows
from resilience_analysis.composite.chain import chosen_weights, step_settings
from resilience_analysis.composite.choices import Factors, noisy_codes, with_alternatives
from resilience_analysis.composite.imputation import make_filler
from resilience_analysis.composite.metadata import indicator_codes
from resilience_analysis.composite.normalisation import make_normaliser, methods_of, spoken_method
from resilience_analysis.composite.operations import apply_steps
from resilience_analysis.composite.sampling import Draws, Spread
from resilience_analysis.composite.transformation import has_transforms, transform_array, transformed_metadata
from resilience_analysis.composite.treatment import make_rules, scale_problems, treat_array
from resilience_analysis.foundation.errors import InputError

CELLS = 4_000_000
"""How many values of draws are held at once."""
_SCORED = ("indicator", "aggregate")
_DATA_FREE = ("framework", "equal")
ENOUGH = 8
"""From so many draws on the same values, they are aggregated as one table under many weights."""


@dataclass(frozen=True)
class Experiment:
    """What all draws have in common."""

    table: pd.DataFrame  # indicators of all units, before imputation
    kept: npt.NDArray[np.bool_]  # the units that are scored
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


@dataclass(frozen=True)
class _Way:
    """One combination of alternatives: its steps, and a key of each that tells whether two are the same."""

    steps: dict[str, dict[str, Any]]
    keys: dict[str, str]

    def key(self, *steps: str) -> tuple[str, ...]:
        return tuple(self.keys.get(step, "") for step in steps)


@dataclass(frozen=True)
class _Treated:
    """Values before normalisation, why draws on them fail, and how each indicator was treated."""

    table: Array
    fault: str = ""
    details: pd.DataFrame | None = None


@dataclass(frozen=True)
class _Values:
    """Normalised values, why draws on them fail, and the weights that follow from them, by way of weighting."""

    table: Array
    fault: str = ""
    weights: dict[tuple[str, ...], tuple[Array, str]] = field(default_factory=dict)


@dataclass
class Engine:
    """Scores draws; keeps what several draws share."""

    task: Experiment
    ways: dict[tuple[int, ...], _Way] = field(default_factory=dict)
    shared: dict[Hashable, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Prepare what no draw changes."""
        task = self.task
        self.codes = indicator_codes(task.metadata)
        self.units = task.table.index[task.kept]
        self.years: list[Rows] = [rows for _, rows in year_rows(self.units)]
        self.metadata = transformed_metadata(task.metadata)
        noise = noisy_codes(task.metadata, task.factors.noise)
        self.weighted = [str(code) for code in task.metadata.index[task.metadata["type"].isin(_SCORED)]]
        self.noise = noise.reindex(self.weighted).fillna(0.0).to_numpy(dtype=np.float64)
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
        for key in [key for key in self.shared if isinstance(key, tuple) and key[0] == "sampled"]:
            del self.shared[key]
        return Outcomes(scores, self._rank(scores), failures)

    def _batches(self, draws: Draws) -> Iterator[tuple[_Way, list[_Values], Rows]]:
        """Yield draws that are aggregated alike: their way, their normalised values (one for all, or each), rows."""
        size = max(1, CELLS // (len(self.units) * len(self.codes)))
        for way, members in self._families(draws):
            alone: list[tuple[_Values, int]] = []
            for values, rows in members:
                if len(rows) >= ENOUGH:
                    for start in range(0, len(rows), size):
                        yield way, [values], rows[start : start + size]
                else:
                    alone += [(values, int(row)) for row in rows]
            for start in range(0, len(alone), size):
                part = alone[start : start + size]
                yield way, [values for values, _ in part], np.array([row for _, row in part])

    def _families(self, draws: Draws) -> Iterator[tuple[_Way, list[tuple[_Values, Rows]]]]:
        """Group draws by their plan of aggregation and set of weights, then by the values they share."""
        picks, which = np.unique(draws.picks, axis=0, return_inverse=True)
        ways = [self._way(tuple(int(place) for place in pick)) for pick in picks]
        families: dict[Hashable, tuple[_Way, dict[tuple[int, int], list[int]]]] = {}
        for row, (place, sample) in enumerate(zip(which.ravel(), draws.samples, strict=True)):
            way = ways[place]
            _, members = families.setdefault(way.key("weights", "aggregate"), (way, {}))
            members.setdefault((int(sample), int(place)), []).append(row)
        for way, members in families.values():
            yield (
                way,
                [(self._values(ways[place], sample), np.array(rows)) for (sample, place), rows in members.items()],
            )

    def _way(self, pick: tuple[int, ...]) -> _Way:
        if pick not in self.ways:
            options = self.task.factors.alternatives.values()
            chosen = [alternatives[place] for alternatives, place in zip(options, pick, strict=True)]
            steps = step_settings(with_alternatives(self.task.base, chosen))
            self.ways[pick] = _Way(steps, {step: _key(given) for step, given in steps.items()})
        return self.ways[pick]

    def _values(self, way: _Way, sample: int) -> _Values:
        """Return the normalised values of a sample, redoing only the steps that no draw before has done."""
        table = self._once(sample, ("drawn",), lambda: self._drawn(sample))
        imputed = self._once(sample, ("imputed", *way.key("impute")), lambda: self._impute(way, table))
        moved = self._once(sample, ("transformed", *way.key("impute")), lambda: self._transform(imputed))
        treated = self._once(sample, ("treated", *way.key("impute", "treat")), lambda: self._treat(way, moved))
        steps = ("impute", "treat", "normalise")
        normalised: _Values = self._once(
            sample, ("normalised", *way.key(*steps)), lambda: self._normalise(way, treated)
        )
        return normalised

    def _once(self, sample: int, key: tuple[str, ...], make: Callable[[], Any]) -> Any:
        """Return what has been made before, or make it; what belongs to a sample is forgotten after its draws."""
        name = ("lasting", *key) if sample < 0 else ("sampled", sample, *key)
        if name not in self.shared:
            self.shared[name] = make()
        return self.shared[name]

    def _drawn(self, sample: int) -> Array:
        values = np.asarray(self.task.table, dtype=np.float64)
        if sample < 0 or self.task.spread is None:
            return values
        return self.task.spread.draw(values, seed=self.task.seed, stream=sample)

    def _impute(self, way: _Way, values: Array) -> Array:
        if "impute" not in way.steps:
            scored: Array = values[self.task.kept]
            return scored
        units, groups = self.task.table.index, self.task.groups
        fill = self._once(
            -1,
            ("filler", *way.key("impute")),
            lambda: make_filler(units, self.task.metadata, groups=groups, **way.steps["impute"]),
        )
        filled = fill(pd.DataFrame(values, index=units, columns=pd.Index(self.codes)))
        imputed: Array = np.asarray(filled, dtype=np.float64)[self.task.kept]
        return imputed

    def _transform(self, values: Array) -> _Treated:
        if not has_transforms(self.task.metadata):
            return _Treated(values)
        moved = transform_array(values, self.task.metadata, self.years)
        lost = (np.isnan(moved) & ~np.isnan(values)).any(axis=0)
        fault = f"{self.codes[int(np.argmax(lost))]}: its transformation cannot take all values" if lost.any() else ""
        return _Treated(moved, fault)

    def _treat(self, way: _Way, before: _Treated) -> _Treated:
        if "treat" not in way.steps:
            return before
        rules = self._once(-1, ("rules", *way.key("treat")), lambda: make_rules(self.metadata, **way.steps["treat"]))
        values, moved = treat_array(before.table, [rules[code][1] for code in self.codes], self.years)
        names = [rules[code][0] for code in self.codes]
        transforms = ["moved" if place in moved else "" for place in range(len(self.codes))]
        return _Treated(
            values, before.fault, pd.DataFrame({"code": self.codes, "method": names, "transform": transforms})
        )

    def _normalise(self, way: _Way, treated: _Treated) -> _Values:
        given, values = way.steps.get("normalise", {}), treated.table
        off_scale = []
        if treated.details is not None:
            methods = methods_of(self.metadata, given.get("method", "minmax"))
            off_scale = scale_problems(treated.details, self.metadata, methods)
        fault = treated.fault or (f"{off_scale[0].where}: {off_scale[0].what}" if off_scale else "")
        if fault:
            return _Values(np.full(values.shape, np.nan), fault)
        normalise = self._once(
            -1,
            ("scaler", *way.key("normalise")),
            lambda: make_normaliser(self.metadata, self.units, **given).of(self.codes),
        )
        table, refused = normalise(values)
        if not refused.any():
            return _Values(table)
        code, method = self.codes[int(np.argmax(refused))], spoken_method(given.get("method", "minmax"))
        return _Values(table, f"{code}: has the same value in every unit, so {method} cannot normalise it")

    def _score(self, way: _Way, values: list[_Values], rows: Rows, draws: Draws, scores: Array) -> dict[int, str]:
        """Write the scores of some draws, and give why draws failed, by row."""
        plan: Plan = self._once(
            -1,
            ("plan", *way.key("aggregate")),
            lambda: make_plan(self.task.metadata, **way.steps.get("aggregate", {})),
        )
        tables = [each.table for each in values]
        x = tables[0] if len(tables) == 1 else np.stack(tables)
        found = [self._base_weights(way, each) for each in values]
        weights = self._noisy(np.stack([base for base, _ in found]), rows, draws)
        columns = {code: x[..., place] for place, code in enumerate(self.codes)}
        faults = [each.fault or fault for each, (_, fault) in zip(values, found, strict=True)]
        faults *= len(rows) // len(values)
        reasons = {int(row): fault for row, fault in zip(rows, faults, strict=True) if fault}
        for node in plan.nodes:
            places = [self.weighted.index(child) for child in node.children]
            part, w = family(columns, node), weights[..., places]
            recipe = plan.of(node)
            broken = recipe.mean.broken(part, w)
            fails = np.broadcast_to(broken.any(axis=(-2, -1)), len(rows))
            text = f"{node.code}: the {recipe.name} mean takes {recipe.mean.limit}"
            reasons = {**dict.fromkeys(rows[fails].tolist(), text), **reasons}
            before = mean_node(part, w, node, plan, self.years)
            columns[node.code] = apply_steps(before, recipe.steps, self.years)
            lost = np.broadcast_to((np.isnan(columns[node.code]) & ~np.isnan(before)).any(axis=-1), len(rows))
            reasons = {**dict.fromkeys(rows[lost].tolist(), f"{node.code}: a step cannot take its scores"), **reasons}
        for place, code in enumerate(self.task.codes):
            scores[rows, :, place] = columns[code]
        return reasons

    def _base_weights(self, way: _Way, values: _Values) -> tuple[Array, str]:
        """Return the weights before noise, and why there are none: a component that cannot be found, for one."""
        method = way.steps.get("weights", {}).get("method", "framework")
        if not isinstance(method, str) or method in _DATA_FREE:
            weights: Array = self._once(
                -1, ("weights", *way.key("weights")), lambda: self._choose_weights(way, values.table)
            )
            return weights, ""
        key = way.key("weights", "aggregate")
        if key not in values.weights:
            try:
                values.weights[key] = self._choose_weights(way, values.table), ""
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
        noisy[:, self.noisy] *= 1 + self.noise[self.noisy] * draws.noise[rows]
        return noisy

    def _rank(self, scores: Array) -> Array:
        ranks = np.empty(scores.shape)
        for rows in self.years:
            for place in range(scores.shape[2]):
                part = -scores[:, rows, place].T
                ranks[:, rows, place] = rank_columns(part, digits=SIGNIFICANT_DIGITS).T
        return ranks


def _key(given: dict[str, Any]) -> str:
    """Write the arguments of a step so that equal ones are written alike."""
    plain = {name: dict(value) if isinstance(value, pd.Series) else value for name, value in given.items()}
    return repr(sorted(plain.items(), key=lambda item: item[0]))
