"""Figures that were published or worked out elsewhere come out of the build."""

from __future__ import annotations

import math

import pytest
from tests.small import NETELAND, indicator, small_framework

from resilience_analysis.indicators.values import latest, lopsided_problems

POPULATION_2025 = {"13010": 11_609, "13011": 29_001, "13012": 9_504, "13029": 12_915, "13044": 8_079}
AREA_KM2 = {"13010": 28.37, "13011": 47.95, "13012": 23.60, "13029": 23.13, "13044": 27.62}
TRUST_2023 = {"13010": 28, "13011": 19, "13012": 23, "13029": 26, "13044": 56}
JOBSEEKERS_2024 = {"13010": 4.6, "13011": 6.8, "13012": 4.9, "13029": 5.1, "13044": 4.6}
# worked out by others from the same public figures, with the median and number of municipalities (they counted the old
# area of a municipality that has since taken in another, which we do not)
WORKED_OUT = {
    "div_investment": ({"13010": 0.583, "13011": 0.765, "13012": 0.547, "13029": 0.756, "13044": 0.544}, 0.636, 282),
}


@pytest.fixture(scope="module")
def observed(built):
    """Values by (variable, year, municipality)."""
    return built.tables.observations.set_index(["variable", "year", "nis_code"])["value"].sort_index()


@pytest.fixture(scope="module")
def values(built):
    """Latest values, municipalities x indicators."""
    return latest(built.tables.indicators).pivot(index="nis_code", columns="indicator", values="value")


@pytest.mark.parametrize(
    ("variable", "year", "published"),
    [
        ("population", 2025, POPULATION_2025),
        ("LO_S_13", 2023, TRUST_2023),
        ("jobseeker_rate_pct", 2024, JOBSEEKERS_2024),
    ],
)
def test_published_figures_of_the_five_come_out_exactly(observed, variable, year, published):
    assert observed.loc[variable, year][list(NETELAND)].to_dict() == published


def test_trust_in_the_municipality_has_the_published_mean_over_299_municipalities(root):
    lines = (root / "data" / "raw" / "abb" / "residents_survey_2023.csv").read_text().splitlines()
    place = lines[0].split(",").index("LO_S_13")
    shares = [float(line.split(",")[place]) for line in lines[1:]]
    assert len(shares) == 299
    assert round(sum(shares) / len(shares), 1) == 29.9


def test_areas_are_the_published_ones_and_generalising_changed_them_less_than_half_a_percent(built):
    stated = built.tables.municipalities["area_km2"]
    drawn = built.tables.boundaries.set_index("nis_code").geometry.area / 1e6
    assert stated[list(NETELAND)].to_dict() == AREA_KM2
    rounding = 0.005  # half of the last digit that is stated
    assert ((drawn - stated).abs() - rounding <= 0.005 * stated).all()


def test_the_eight_villages_fill_the_five_municipalities(built):
    villages = built.tables.villages
    assert len(villages) == 8
    drawn = villages.geometry.area.groupby(villages["nis_code"]).sum() / 1e6
    for code, area in AREA_KM2.items():
        assert drawn[code] == pytest.approx(area, rel=0.005)


@pytest.mark.parametrize("code", list(WORKED_OUT))
def test_evenness_is_what_others_worked_out(values, code):
    five, median, municipalities = WORKED_OUT[code]
    assert values[code][list(NETELAND)].round(3).to_dict() == five
    assert values[code].median() == pytest.approx(median, abs=0.001)
    assert abs(values[code].notna().sum() - municipalities) <= 1


def test_nestedness_is_one_fact_of_the_whole_region(values):
    five = values["ctx_nestedness"][list(NETELAND)]
    assert five.nunique() == 1
    assert values["ctx_nestedness"].notna().sum() == 285
    assert five.iloc[0] > values["ctx_nestedness"].median() > 0.8


def test_the_police_zone_of_neteland_is_exactly_the_five(built):
    zones = built.tables.municipalities["police_zone"]
    assert set(zones.index[zones == "ipz22"]) == set(NETELAND)


def test_population_is_that_of_both_nationalities_in_every_year(built):
    wide = built.tables.observations.pivot(index=["nis_code", "year"], columns="variable", values="value")
    both = wide[["population", "belgian_nationality", "other_nationality"]].dropna()
    assert (both["population"] == both["belgian_nationality"] + both["other_nationality"]).all()
    assert len(both) > 4000


def test_every_municipality_of_flanders_together_has_the_population_of_flanders(observed):
    total = observed.loc["population", 2025].sum()
    assert total == pytest.approx(6_860_000, rel=0.01)


def test_counts_of_then_add_up_to_the_same_flanders(built, root):
    lines = (root / "data" / "raw" / "statbel" / "population_nationality.csv").read_text().splitlines()[1:]
    rows = [line.split(",") for line in lines]
    seen = built.tables.observations.query("variable == 'population'").groupby("year")["value"].sum()
    for year in (2019, 2021, 2024, 2025):
        assert seen[year] == sum(float(row[2]) for row in rows if row[1] == str(year))


def test_household_growth_is_the_projection_over_the_last_year_that_was_observed(values, observed):
    begin, end = observed.loc["households", 2023], observed.loc["households_projected", 2040]
    for code in NETELAND:
        expected = 100 * (end[code] / begin[code] - 1)
        assert values["ctx_households_growth"][code] == pytest.approx(expected)


def test_renewal_is_the_mean_of_three_years_per_thousand_dwellings(values, observed):
    renovated = observed.loc["residential_buildings_renovated"]
    last = max(renovated.index.get_level_values(0))
    for code in NETELAND:
        mean = sum(renovated[last - back][code] for back in range(3)) / 3
        assert values["exp_renewal"][code] == pytest.approx(1000 * mean / observed["dwellings", 2025, code])


def test_no_value_is_plainly_impossible(built):
    shares = built.tables.indicators[built.tables.indicators["unit"] == "%"]
    assert shares.loc[shares["indicator"] != "ctx_households_growth", "value"].dropna().between(0, 100).all()
    evenness = built.tables.indicators[built.tables.indicators["unit"] == "0-1"]["value"].dropna()
    assert evenness.between(0, 1 + 1e-9).all()
    assert not built.tables.indicators["value"].map(math.isinf).any()


@pytest.mark.parametrize(
    ("code", "goalposts", "share"),
    [("ctx_data_coverage", [0, 100], "92 % of 285"), ("ctx_intermunicipal_investment", [0, 6.08], "76 % of 275")],
)
def test_what_is_the_same_nearly_everywhere_could_not_be_scored(built, tmp_path, code, goalposts, share):
    rows = built.tables.indicators.query("indicator == @code").assign(indicator="trust")
    framework = small_framework(tmp_path, trust=indicator(goalposts=goalposts))
    (problem,) = lopsided_problems(latest(rows), framework)
    assert problem.what.startswith(f"{share} values lie at the goalpost")
