"""Why groups are hidden and not perturbed: what four ways keep of made-up regions, and what they give away."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from resilience_analysis.survey.estimates import estimates

from .attack import POSITIONS, THRESHOLD, Line, lines_of, members, one_hot, readers, what_follows
from .perturbation import cell_keys, perturbed, rounded_at_random, rounded_in_control
from .regions import made_up_region

BASE = 5


def counted(answers, table, code):
    """Return the groups of a region, who is in them, and the exact counts of an item's positions."""
    people = answers.drop_duplicates("respondent").set_index("respondent")
    groups = members(people, table)
    inside = np.array(list(groups.values()), dtype=float)
    said = one_hot(answers, people, code)
    return list(groups), inside, said, (inside @ said)[:, :POSITIONS].astype(int)


def shares(counts):
    total = counts.sum(axis=1, keepdims=True)
    return 100 * counts / np.where(total == 0, np.nan, total)


def best_guess(lines: list[Line], noisy: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """Return what least squares makes of noisy counts that add up to noisy totals: a reader who averages noise away."""
    out = noisy.astype(float).copy()
    for parts, total, _ in lines:
        gap = sums[total] - noisy[parts].sum(axis=0)
        out[parts] += gap / (len(parts) + 1)
    return np.maximum(np.rint(out), 0)


def guess_of_hidden(lines: list[Line], counts: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Return what a reader guesses of hidden counts who shares the rest of every total out evenly."""
    sums, times = np.zeros(counts.shape), np.zeros((len(counts), 1))
    for parts, total, _ in lines:
        hidden = [part for part in parts if not shown[part]]
        if shown[total] and hidden:
            sums[hidden] += (counts[total] - counts[[part for part in parts if shown[part]]].sum(axis=0)) / len(hidden)
            times[hidden] += 1
    return np.where(shown[:, None], counts, np.rint(sums / np.where(times == 0, np.nan, times)))


def _adds_up(counts: np.ndarray, parts: list[int], total: int) -> bool:
    return bool((counts[parts].sum(axis=0) == counts[total]).all())


def compare(instrument, seeds):
    """Return what is kept and given away, a row per way.

    ``shown`` is the percentage of the rows with answers, ``error`` the mean absolute error of their shares in points,
    ``guessed`` the percentage of small counts that a reader guesses right, ``certain`` how many can be nothing else
    (not worked out for noise).
    """
    kept: dict[str, list[tuple[float, ...]]] = {way: [] for way in ("hidden", "cell keys", "rounded", "controlled")}
    for seed in seeds:
        answers, random = made_up_region(instrument, seed), np.random.default_rng(seed)
        table = estimates(answers, instrument)
        for code in ("INF1", "LER1"):
            cells, inside, said, counts = counted(answers, table, code)
            known = readers(answers, table, [code])[0]
            filled, exact = counts.sum(axis=1) > 0, shares(counts)
            small = (counts > 0) & (counts < THRESHOLD) & (inside.sum(axis=1) < THRESHOLD)[:, None]
            shown = known.known.reshape(len(cells), -1)[:, 1] & filled
            told = (
                guess_of_hidden(lines_of(cells), counts, known.known.reshape(len(cells), -1)[:, 1]) == counts
            ) & small
            error = np.abs(np.rint(exact) - exact)[shown].mean() if shown.any() else np.nan
            certain = len(what_follows(known))
            kept["hidden"].append((filled.sum(), shown.sum(), error, small.sum(), told.sum(), certain))
            keys = random.random(inside.shape[1])
            lines = lines_of(cells)
            added = [(parts, total) for parts, total, _ in lines if _adds_up(counts, parts, total)]
            own = [cell_keys(inside * said[:, place], keys) for place in range(POSITIONS)]
            ways = {
                "cell keys": perturbed(counts, np.array(own).T),
                "rounded": rounded_at_random(counts, BASE, random),
                "controlled": np.array([rounded_in_control(one, BASE, added) for one in counts.T]).T,
            }
            for way, noisy in ways.items():
                error = np.nanmean(np.abs(shares(noisy) - exact)[filled]) if noisy.any() else np.nan
                guess = best_guess(lines, noisy, noisy)
                told = (guess == counts) & small
                kept[way].append(
                    (filled.sum(), (noisy.sum(axis=1) > 0)[filled].sum(), error, small.sum(), told.sum(), np.nan)
                )
    columns = ["rows", "shown", "error", "small", "told", "certain"]
    frames = {way: pd.DataFrame(rows, columns=columns) for way, rows in kept.items()}
    return pd.DataFrame(
        {
            way: {
                "shown": 100 * rows["shown"].sum() / rows["rows"].sum(),
                "error": rows["error"].mean(),
                "guessed": 100 * rows["told"].sum() / rows["small"].sum(),
                "certain": rows["certain"].sum(min_count=1),
            }
            for way, rows in frames.items()
        }
    ).T


def test_noise_has_no_bias_and_leaves_nothing_of_nothing():
    random = np.random.default_rng(1)
    counts = np.full(20_000, 7)
    assert abs(perturbed(counts, random.random(len(counts))).mean() - 7) < 0.05
    assert abs(rounded_at_random(counts, BASE, random).mean() - 7) < 0.05
    assert perturbed(np.zeros(50, dtype=int), random.random(50)).sum() == 0


def test_controlled_rounding_adds_up_and_stays_near():
    counts = np.random.default_rng(2).integers(0, 12, (4, 3))
    table = np.block([[counts, counts.sum(axis=1)[:, None]], [counts.sum(axis=0)[None], counts.sum()]])
    places = np.arange(20).reshape(5, 4)
    lines = [(row[:-1].tolist(), int(row[-1])) for row in (*places, *places.T)]
    found = rounded_in_control(table.ravel(), BASE, lines).reshape(5, 4)
    assert (found % BASE == 0).all()
    assert (found[:-1].sum(axis=0) == found[-1]).all()
    assert (found[:, :-1].sum(axis=1) == found[:, -1]).all()
    assert np.abs(found - table)[:-1, :-1].max() < 2 * BASE


def test_same_people_have_the_same_noise_in_every_table():
    keys = np.random.default_rng(1).random(6)
    inside = np.array([[1, 1, 0, 0, 1, 0], [1, 1, 0, 0, 1, 0]], dtype=float)
    first, second = perturbed(np.array([3, 3]), cell_keys(inside, keys))
    assert first == second


@pytest.mark.trial
def test_noise_shows_more_rows_at_an_error_and_hiding_fewer_exactly(instrument):
    found = compare(instrument, range(40))
    noisy = found.loc[["cell keys", "rounded", "controlled"]]
    assert found.loc["hidden", "certain"] == 0
    assert found.loc["hidden", "error"] < 0.5  # whole percentages
    assert (noisy["shown"] > found.loc["hidden", "shown"]).all()
    assert (noisy["error"] > 5).all()
    assert found.loc["cell keys", "guessed"] > found.loc["hidden", "guessed"]
