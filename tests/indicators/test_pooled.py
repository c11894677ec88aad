"""All inhabitants together: figures are added up before anything is divided, percentages weighted by inhabitants."""

from __future__ import annotations

import math

import pytest
from tests.small import CODES, both, municipalities, observations, source

from resilience_analysis.data.catalogue import Column
from resilience_analysis.indicators.framework import Context
from resilience_analysis.indicators.values import pooled

CATALOGUE = {
    "source": source("source", columns={name: Column("count") for name in ("people", "old", "new")}),
    "survey": source("survey", columns={"trust": Column("share_pct")}, inhabitants="people"),
    "other": source("other", columns={"rate": Column("rate_pct"), "price": Column("median_eur")}),
}


def of_all(recipe: dict, *, codes: list[str] = CODES) -> float:
    rows = observations(
        {"people": {2024: [10, 20, 30, 40]}, "old": {2024: [1, 2, 3, None]}, "new": {2024: [2, 2, 2, 2]}}
    )
    shares = observations({"trust": {2024: [10, 20, 30, 40]}}).assign(source="survey")
    prices = observations({"rate": {2024: [1, 2, 3, 4]}, "price": {2024: [5, 6, 7, 8]}}).assign(source="other")
    figures = {name: rows_ for table in (rows, shares, prices) for name, rows_ in table.groupby("variable")}
    entry = Context("x", both("x"), "%", "source", recipe)
    return pooled(entry, figures, CATALOGUE, municipalities(), codes=codes)


def test_counts_are_added_up_before_they_are_divided():
    assert of_all({"share": {"part": "old", "whole": "people"}}, codes=CODES[:3]) == pytest.approx(100 * 6 / 60)
    assert of_all({"rate": {"part": ["old", "new"], "whole": ["people"], "per": 10}}, codes=CODES[:3]) == 10 * 12 / 60


def test_percentages_are_weighted_by_inhabitants():
    assert of_all({"take": "trust"}) == pytest.approx((100 + 400 + 900 + 1600) / 100)


def test_a_density_is_all_people_on_all_land():
    assert of_all({"density": "people"}) == pytest.approx(100 / 40)


@pytest.mark.parametrize(
    "recipe", [{"take": "people"}, {"take": "price"}, {"take": "rate"}, {"evenness": ["old", "new"]}]
)
def test_what_has_no_meaning_for_all_together_is_missing(recipe):
    assert math.isnan(of_all(recipe))
