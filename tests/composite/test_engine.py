from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from resilience_analysis import composite
from resilience_analysis.composite import engine as engine_module
from resilience_analysis.composite.choices import noisy_codes, read_choices, with_alternatives
from resilience_analysis.composite.engine import Engine, Experiment
from resilience_analysis.composite.sampling import make_design, read_spread

from .conftest import make_metadata, make_random

BASE = {"impute.method": "mean", "treat.winmax": 5, "normalise.bounds": (1.0, 100.0)}
CHOICES = {
    "impute.method": ["mean", "median", "unit-mean"],
    "treat.winmax": [1, 5],
    "normalise": [
        {"method": "minmax"},
        {"method": "percentile-rank", "bounds": (1, 100)},
        {"method": "zscore", "bounds": (50, 9)},
    ],
    "weights.method": ["framework", "equal", "pca", {"a": 2.0}],
    "aggregate.method": ["arithmetic", "geometric", ["arithmetic", "copeland"]],
    "weights.noise": 0.3,
}


def make_task(data, *, choices, base=BASE, se=None, kept=None) -> Experiment:
    metadata = composite.check_metadata(make_metadata())
    factors = read_choices(choices, base=base, levels=3, has_error=se is not None)
    return Experiment(
        table=data,
        kept=np.ones(len(data), dtype=bool) if kept is None else kept,
        metadata=metadata,
        base=base,
        factors=factors,
        spread=read_spread(data, list("abcd"), se=se),
        seed=11,
        codes=["social", "spatial", "index"],
    )


def slow(task: Experiment, design, draws, row: int) -> pd.DataFrame | None:
    """Score one draw with the verbs, from the beginning."""
    options = task.factors.alternatives.values()
    chosen = [alternatives[place] for alternatives, place in zip(options, draws.picks[row], strict=True)]
    settings = with_alternatives(task.base, chosen)
    values = task.table
    if draws.samples[row] >= 0:
        drawn = task.spread.draw(values.to_numpy(), seed=task.seed, stream=int(draws.samples[row]))
        values = pd.DataFrame(drawn, index=values.index, columns=values.columns)
    result = composite.score(values, metadata=task.metadata, settings={**settings, "aggregate.method": "arithmetic"})
    sizes = noisy_codes(task.metadata, task.factors.noise)
    weights = composite.score(
        values,
        metadata=task.metadata,
        settings={key: value for key, value in settings.items() if key != "aggregate.method"},
    ).weights.copy()
    if isinstance(settings.get("weights.method"), str) and settings["weights.method"] == "pca":
        weights = composite.weights(
            result.tables["normalised"], metadata=task.metadata, method="pca", aggregation=settings["aggregate.method"]
        )
    weights[sizes.index] *= 1 + sizes.to_numpy() * draws.noise[row]
    return composite.aggregate(
        result.tables["normalised"], metadata=task.metadata, weights=weights, method=settings["aggregate.method"]
    )[task.codes]


@pytest.mark.parametrize("with_error", [False, True])
def test_every_draw_is_what_the_verbs_give(with_error):
    data = make_random(14, missing=0.1, seed=8)
    task = make_task(data, choices=CHOICES, se=data * 0.05 if with_error else None)
    design = make_design(task.factors, noisy_codes(task.metadata, task.factors.noise), n=6, seed=3)
    draws = design.draws(slice(0, 6))
    outcomes = Engine(task).evaluate(draws)
    for row in range(0, len(draws.samples), 3):
        if np.isnan(outcomes.scores[row]).all():
            continue
        expected = slow(task, design, draws, row)
        np.testing.assert_allclose(outcomes.scores[row], expected, rtol=1e-9)
        np.testing.assert_array_equal(outcomes.ranks[row], composite.ranks(expected).astype(float))


def test_blocks_of_draws_give_the_same_scores(monkeypatch):
    data = make_random(14, seed=8)
    task = make_task(data, choices=CHOICES)
    draws = make_design(task.factors, noisy_codes(task.metadata, task.factors.noise), n=40, seed=3).draws(slice(0, 40))
    whole = Engine(task).evaluate(draws)
    monkeypatch.setattr(engine_module, "CELLS", 200)
    monkeypatch.setattr(engine_module, "ENOUGH", 3)
    parts = Engine(task).evaluate(draws)
    np.testing.assert_allclose(parts.scores, whole.scores, rtol=1e-12)
    assert parts.failures == whole.failures


def test_a_draw_that_breaks_a_formula_fails_as_a_whole_and_is_counted():
    data = make_random(10)
    task = make_task(
        data, choices={"aggregate.method": ["arithmetic", "geometric"]}, base={"normalise.bounds": (0.0, 100.0)}
    )
    design = make_design(task.factors, noisy_codes(task.metadata, {}), n=20, seed=0)
    draws = design.draws(slice(0, 20))
    outcomes = Engine(task).evaluate(draws)
    failed = np.isnan(outcomes.scores).all(axis=(1, 2))
    assert (failed == (draws.picks[:, 0] == 1)).all()
    assert not np.isnan(outcomes.scores[~failed]).any()
    assert dict(outcomes.failures) == {"social: the geometric mean takes values above 0": failed.sum()}


def test_only_kept_units_are_scored_but_all_impute():
    data = make_random(12, missing=0.3, seed=2)
    kept = data.notna().sum(axis=1).to_numpy() >= 3
    task = make_task(data, choices={"impute.method": ["mean", "median"]}, base={"impute.method": "mean"}, kept=kept)
    draws = make_design(task.factors, noisy_codes(task.metadata, {}), n=4, seed=0).draws(slice(0, 1))
    outcomes = Engine(task).evaluate(draws)
    assert outcomes.scores.shape == (3, kept.sum(), 3)
    imputed = composite.impute(data, metadata=task.metadata, method=["mean", "median"][draws.picks[0, 0]]).data[kept]
    expected = composite.aggregate(composite.normalise(imputed, metadata=task.metadata), metadata=task.metadata)
    np.testing.assert_allclose(outcomes.scores[0, :, 2], expected["index"])


def test_steps_are_redone_only_when_a_draw_changes_them(monkeypatch):
    data = make_random(12, missing=0.1)
    task = make_task(
        data, choices={"treat.winmax": [1, 5], "weights.noise": 0.2, "aggregate.method": ["arithmetic", "generalised"]}
    )
    calls = []
    treat = engine_module.treat_array
    monkeypatch.setattr(engine_module, "treat_array", lambda *given: calls.append(1) or treat(*given))
    design = make_design(task.factors, noisy_codes(task.metadata, task.factors.noise), n=30, seed=0)
    engine = Engine(task)
    engine.evaluate(design.draws(slice(0, 15)))
    engine.evaluate(design.draws(slice(15, 30)))
    assert len(calls) == 2
