"""Attacks by what ties numbers together: answers of one person, weights, and two waves."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from resilience_analysis.survey.change import tells_who_changed
from resilience_analysis.survey.intervals import mean_interval
from resilience_analysis.survey.reliability import item_reliability, reliability, tells_of_few
from resilience_analysis.survey.tables import estimate_file
from resilience_analysis.survey.weights import EstimateOptions, rake

from .conftest import ITEMS, random_values

FEW = 5
SAID = ("A1", "A2", "B1")


def shuffled(values, by, random):
    """Deal every item's answers out anew among those of a group who answered it."""
    out = values.copy()
    for item in values:
        for group in by.unique():
            given = (by == group) & values[item].notna()
            out.loc[given, item] = random.permutation(values.loc[given, item])
    return out


def test_no_table_tells_how_the_answers_of_one_person_go_together(write, instrument):
    random = np.random.default_rng(5)
    values = random_values(60, list(SAID), missing=0.1, seed=3).astype("Int64")
    about = pd.DataFrame({"place": np.repeat(["x", "y"], 30), "role": ["a", "b"] * 30})
    tables = []
    for answers in (values, shuffled(values, about["place"] + about["role"], random)):
        path = write(answers.join(about).to_csv(index=False), "answers.csv")
        options = EstimateOptions("place", items=write(ITEMS, "items.csv"), gap="role:a:b", min_answered=0)
        tables.append(estimate_file(path, options, instrument).tables)
    for name in ("items.csv", "dimensions.csv", "gap.csv", "representation.csv"):
        pd.testing.assert_frame_equal(tables[0][name].drop(columns="n"), tables[1][name].drop(columns="n"))


def test_reliability_which_does_tell_it_needs_thirty(write, instrument):
    shown = {}
    for people in (29, 30):
        values = random_values(people, list(SAID), missing=0.0, seed=3).astype(int).assign(place="x")
        options = EstimateOptions("place", items=write(ITEMS, "items.csv"))
        path = write(values.to_csv(index=False), "answers.csv")
        shown[people] = estimate_file(path, options, instrument).tables["reliability.csv"]["alpha"].notna().any()
    assert shown == {29: False, 30: True}


def certain_together(values):
    """Return whether what few answered twice follows from reliability, from all tables with the same sums."""
    found = pd.crosstab(values["a"], values["b"]).to_numpy()
    rows, columns = found.sum(axis=1), found.sum(axis=0)
    told, fitting = _reliability_of(found), []
    for both in range(max(0, rows[0] + columns[0] - rows.sum()), min(rows[0], columns[0]) + 1):
        table = [[both, rows[0] - both], [columns[0] - both, rows[1] - columns[0] + both]]
        fitting += [both] * (_reliability_of(np.array(table)) == told)
    return len(fitting) == 1 and bool(((found > 0) & (found < FEW)).any())


def _reliability_of(table):
    """Return what is published of two items, from how many gave each two of the answers 1 and 4."""
    pairs = [pair for (row, column), n in np.ndenumerate(table) for pair in [(1 + 3 * row, 1 + 3 * column)] * n]
    frame, both = pd.DataFrame(pairs, columns=["a", "b"]), {"x": ["a", "b"]}
    numbers, item = reliability(frame, both).iloc[0], item_reliability(frame, both).iloc[0]
    return round(numbers["alpha"], 1), np.ceil(10 * numbers["alpha_se"]), round(item["item_rest_correlation"], 1)


def test_reliability_is_hidden_where_it_would_tell_what_few_people_answered_twice():
    told, shown = 0, 0
    for seed in range(10):
        random = np.random.default_rng(seed)
        first = random.choice([1, 4], int(random.integers(30, 120)), p=[0.2, 0.8])
        values = pd.DataFrame({"a": first, "b": np.where(random.random(len(first)) < 0.8, first, 5 - first)})
        certain, hidden = certain_together(values), tells_of_few(values, FEW)
        assert hidden or not certain
        told, shown = told + certain, shown + (not hidden)
    assert told > 0
    assert shown > 0


def certain_of_pairs(pairs, waves):
    """Return the small numbers of people by both positions that follow from both waves and a paired change.

    A reader knows the answers of both waves, how many are followed, the sum of their changes, and the margin as it is
    rounded: all are sums of whole numbers of people by both positions, and of those who are not followed.
    """
    table = np.zeros((4, 4))
    np.add.at(table, tuple(pairs.astype(int).T - 1), 1)
    place = np.arange(16)
    step = (place % 4 - place // 4) * 100 / 3
    rows = [np.r_[place // 4 == n, np.arange(8) == n] for n in range(4)]
    rows += [np.r_[place % 4 == n, np.arange(8) == 4 + n] for n in range(4)]
    rows += [np.r_[np.ones(16), np.zeros(8)], np.r_[step, np.zeros(8)]]
    sums = np.r_[waves[0], waves[1], len(pairs), step @ table.ravel()]
    low, high = _squares_that_fit(step, table.ravel())
    known = [LinearConstraint(np.array(rows, dtype=float), sums - 1e-6, sums + 1e-6)]
    known.append(LinearConstraint(np.r_[step**2, np.zeros(8)][None], low, high))
    found = []
    for at in np.flatnonzero((table.ravel() > 0) & (table.ravel() < FEW)).tolist():
        ends = [
            milp(sign * np.eye(24)[at], constraints=known, integrality=np.ones(24), bounds=Bounds(0, np.inf))
            for sign in (1, -1)
        ]
        assert all(end.status == 0 for end in ends)
        found += [at] * (round(ends[0].x[at]) == round(ends[1].x[at]))
    return found


def _squares_that_fit(step, counts):
    """Return the least and most sum of squared changes with the margin that is published."""
    people, total = counts.sum(), step @ counts
    unit = 1 if people >= 30 else 5
    _, quantile = mean_interval(0.0, 1.0, people - 1, kind="t")
    margin = quantile * np.sqrt((step**2 @ counts - total**2 / people) / (people - 1) / people)
    published = unit * np.ceil(np.round(margin / unit, 6))
    errors = np.array([max(published - unit, 0), published]) / quantile
    slack = np.array([1e-3 if published else -1e-3, 1e-3])  # the least is not reached itself
    return errors**2 * people * (people - 1) + total**2 / people + slack


def paired_waves(seed):
    """Make up who is followed and who is not, and the answers of each wave."""
    random = np.random.default_rng(seed)
    people = int(random.integers(10, 40))
    first = random.choice(4, people, p=random.dirichlet([1.0] * 4))
    second = np.clip(first + random.choice([-1, 0, 1, 2], people, p=random.dirichlet([1.0] * 4)), 0, 3)
    rests = [random.choice(4, int(random.choice([0, 6]))) for _ in range(2)]
    waves = [np.bincount(np.r_[own, rest], minlength=4) for own, rest in zip((first, second), rests, strict=True)]
    return np.column_stack([first, second]) + 1.0, waves


def attacked_pairs(seeds):
    published, leaks, refused = 0, 0, 0
    for seed in seeds:
        pairs, waves = paired_waves(seed)
        found = bool(certain_of_pairs(pairs, waves))
        shown = not tells_who_changed(pairs, FEW)
        published, leaks, refused = published + shown, leaks + (shown and found), refused + (found and not shown)
    return published, leaks, refused


def test_a_paired_change_tells_no_few_people_what_they_answered_twice():
    published, leaks, refused = attacked_pairs((0, 1, 22, 57))
    assert (leaks, published > 0, refused > 0) == (0, True, True)


@pytest.mark.trial
def test_no_paired_change_of_hundreds_tells_what_few_answered_twice():
    published, leaks, _ = attacked_pairs(range(300))
    assert leaks == 0
    assert published > 50


def weighted_table(seed, write, instrument, *, judged=True):
    """Rake made-up answers to roles; return what is published by place, the truth, and the two weights."""
    random = np.random.default_rng(seed)
    people = int(random.integers(25, 60))
    role = random.choice(["a", "b"], people, p=[0.7, 0.3])
    place = random.choice(["x", "y", "z"], people, p=[0.4, 0.4, 0.2])
    values = pd.DataFrame({item: random.integers(1, 5, people) for item in (*SAID, "B2", "B3")})
    items = "item,dimension,reverse\n" + "".join(f"{item},{item[0]},FALSE\n" for item in values)
    about = values.assign(role=role, place=place)
    weights = rake(about, {"role": {"a": 0.85, "b": 0.15}}, trim=instrument.counting.trim).weights
    known = {} if judged else {"weight": "w"}
    margins = {"margins": write("column,value,n\nrole,a,85\nrole,b,15\n", "margins.csv")} if judged else {}
    path = write(about.assign(w=weights).to_csv(index=False), "answers.csv")
    options = EstimateOptions("place", items=write(items, "items.csv"), **known, **margins)
    tables = estimate_file(path, options, instrument).tables
    return tables, about.groupby("place")["role"].agg(lambda own: (own == "b").sum()), weights.groupby(role).first()


def others_that_fit(tables, place, weights):
    """Return how many of a place can have the second weight, from every number that is published of it."""
    people = tables["representation.csv"].set_index("by").loc[place]
    items = tables["items.csv"].query("by == @place")
    if np.isnan(people["n"]):
        return []
    fitting = []
    for few in range(int(people["n"]) + 1):
        numbers = np.array([people["n"] - few, few])
        effective = (numbers @ weights) ** 2 / (numbers @ weights**2)
        fits = round(effective) == people["n_effective"]
        whole = numbers @ weights
        for row in items[items["status"] != "suppressed"].itertuples():
            sums = np.arange(numbers[0], 4 * numbers[0] + 1)[:, None] * weights["a"]
            means = (sums + np.arange(numbers[1], 4 * numbers[1] + 1)[None] * weights["b"]) / whole
            agree = np.arange(numbers[0] + 1)[:, None] * weights["a"] + np.arange(numbers[1] + 1)[None] * weights["b"]
            fits &= bool((np.abs(means - row.mean) < 0.00501).any())
            fits &= bool((np.abs(100 * agree / whole - row.share_agree) < 0.501).any())
        fitting += [few] * bool(fits)
    return fitting


def raked_leaks(seeds, write, instrument, *, judged):
    """Count the places of which few people of a weight follow from what is published, and those that are shown."""
    found, shown = 0, 0
    for seed in seeds:
        tables, truth, weights = weighted_table(seed, write, instrument, judged=judged)
        for place, few in truth.items():
            fitting = others_that_fit(tables, place, weights)
            assert not fitting or few in fitting
            shown += bool(fitting)
            found += 0 < few < FEW and fitting == [few]
    return found, shown


def test_weights_that_are_known_tell_no_few_people(write, instrument):
    assert raked_leaks(range(2), write, instrument, judged=False)[0] > 0
    found, shown = raked_leaks(range(2), write, instrument, judged=True)
    assert (found, shown > 0) == (0, True)


def test_total_and_errors_between_places_tell_no_few_people_either(write, instrument):
    # Two of 60 weigh otherwise; and of ten with a role two are in one of two villages.
    values = random_values(60, list(SAID), missing=0.0, seed=3).astype(int)
    role, other = ["b"] * 10 + ["a"] * 50, ["b"] * 2 + ["a"] * 58
    about = values.assign(place="x", role=role, other=other, village=["p"] * 2 + ["q"] * 30 + ["p"] * 28)
    path, items = write(about.to_csv(index=False), "answers.csv"), write(ITEMS, "items.csv")
    margins = write("column,value,n\nother,a,95\nother,b,5\n", "margins.csv")
    shown = [
        estimate_file(path, options, instrument).tables["items.csv"].query("status != 'suppressed'")["by"].tolist()
        for options in (
            EstimateOptions("place", items=items, margins=margins, total=True),
            EstimateOptions("role", items=items, cluster="village"),
            EstimateOptions("role", items=items, strata="village"),
        )
    ]
    assert shown == [[], [], []]


@pytest.mark.trial
def test_hundreds_of_raked_tables_tell_no_few_people(write, instrument):
    assert raked_leaks(range(200), write, instrument, judged=True)[0] == 0
