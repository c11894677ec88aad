"""The raw data hold the facts they were made from, figure by figure (skipped where the facts are absent)."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pandas as pd
import pytest

FACTS = {
    "statbel/population_nationality.csv": (
        "statbel_population_by_nationality.csv",
        {"population": "population", "belgian": "belgian_nationality", "non_belgian": "other_nationality"},
        None,
    ),
    "statbel/population_background.csv": (
        "statbel_origin.csv",
        {
            "belgian_background": "belgian_background",
            "neighbouring_countries": "neighbouring_background",
            "other_eu27": "other_eu_background",
            "non_eu27": "non_eu_background",
        },
        None,
    ),
    "statbel/building_permits.csv": (
        "statbel_building_permits.csv",
        {
            "dwelling_res_new": "dwellings_new",
            "apartment_res_new": "apartments_new",
            "single_house_res_new": "houses_new",
            "building_res_renovation": "residential_buildings_renovated",
        },
        None,
    ),
    "statbel/fiscal_income.csv": (
        "statbel_fiscal_income.csv",
        {"net_taxable_income_eur": "net_taxable_income_eur", "residents": "residents_in_tax_statistics"},
        None,
    ),
    "statbel/house_sales.csv": (
        "statbel_house_sales.csv",
        {"sales": "house_sales", "median_price_eur": "house_price_median_eur"},
        None,
    ),
    "statbel/population_age.csv": (
        "statbel_age_education_income.csv",
        {"share_65plus_2025_pct": "age_65_plus_pct"},
        2025,
    ),
    "statbel/census_education.csv": (
        "statbel_age_education_income.csv",
        {"low_education_2021_pct": "education_low_pct"},
        2021,
    ),
    "statbel/administrative_income.csv": (
        "statbel_age_education_income.csv",
        {"median_income_2023_eur": "income_median_eur"},
        2023,
    ),
    "statbel/dwellings.csv": (
        "statbel_building_stock_2025.csv",
        {
            "dwellings_terraced": "dwellings_terraced",
            "dwellings_semi_detached": "dwellings_semi_detached",
            "dwellings_detached_farm_castle": "dwellings_detached_farm_castle",
            "dwellings_apartment_buildings": "dwellings_apartment_buildings",
            "dwellings_commercial_buildings": "dwellings_commercial_buildings",
            "dwellings_other_buildings": "dwellings_other_buildings",
            "dwellings": "dwellings",
        },
        None,
    ),
    "statbel/local_units.csv": ("statbel_local_units.csv", {"local_units_q4": "local_units"}, None),
    "statistiek_vlaanderen/households_by_size.csv": (
        "sv_households_by_size_observed.csv",
        {
            "households_1_person": "households_1_person",
            "households_2_persons": "households_2_persons",
            "households_3_persons": "households_3_persons",
            "households_4plus_persons": "households_4plus_persons",
            "households": "households",
        },
        None,
    ),
    "statistiek_vlaanderen/household_projections.csv": (
        "sv_household_projections.csv",
        {"households": "households_projected"},
        None,
    ),
    "abb/intermunicipal_bodies.csv": (
        "abb_intermunicipal_bodies_2023.csv",
        {
            "intermunicipal_bodies": "intermunicipal_bodies",
            "project_associations": "project_associations",
            "service_associations": "service_associations",
            "mission_associations": "mission_associations",
            "bodies_within_reference_region": "bodies_within_reference_region",
        },
        None,
    ),
    "abb/candidate_lists.csv": ("abb_candidate_lists_2024.csv", {"candidate_lists": "candidate_lists"}, None),
    "vmm/flood_exposure.csv": (
        "vmm_flood_exposure.csv",
        {
            "buildings_flood_current_pct": "buildings_flood_current_pct",
            "buildings_flood_2050_pct": "buildings_flood_2050_pct",
        },
        2024,
    ),
    "vdab/jobseeker_rate.csv": ("vdab_jobseeker_rate.csv", {"jobseeker_rate_pct": "jobseeker_rate_pct"}, None),
    "abb/intermunicipal_investments.csv": (
        "abb_intermunicipal_investments_2026_2031.csv",
        {"total_eur": "investment_total_eur", "intermunicipal_eur": "investment_intermunicipal_eur"},
        2026,
    ),
}


LEFT_OUT = {
    "statbel/building_permits.csv": {2025},
    "statistiek_vlaanderen/household_projections.csv": {2010, 2015, 2020},
}


@pytest.fixture(scope="module")
def facts(shared) -> Path:
    """The folder of facts."""
    return shared / "facts"


@pytest.fixture(scope="module")
def raw(root) -> Path:
    """The raw data of the project."""
    return root / "data" / "raw"


def table(path: Path, year: int | None = None) -> pd.DataFrame:
    read = pd.read_csv(path, dtype={"nis_code": str})
    read = read.assign(year=year) if year else read
    return read.set_index(["nis_code", "year"]).sort_index()


@pytest.mark.parametrize("file", list(FACTS))
def test_a_raw_table_holds_the_facts_it_was_made_from(facts, raw, file):
    name, columns, year = FACTS[file]
    known = table(facts / name, year)[list(columns)].rename(columns=columns).dropna(how="all")
    kept = table(raw / file)
    pd.testing.assert_frame_equal(kept.astype(float), known.loc[kept.index].astype(float), check_like=True)
    left_out = known.index.difference(kept.index)
    # what is left out: permits of a year that is not over, years of the projection that were observed, and rows in
    # which the facts have no figure
    assert set(left_out.get_level_values("year")) <= LEFT_OUT.get(file, set())


def test_the_residents_survey_holds_every_figure_of_the_facts(facts, raw):
    known = pd.read_csv(facts / "gsm_2023_values.csv", dtype={"nis_code": str}).set_index("nis_code")
    kept = pd.read_csv(raw / "abb" / "residents_survey_2023.csv", dtype={"nis_code": str}).set_index("nis_code")
    pd.testing.assert_frame_equal(kept.drop(columns="year").astype(float), known.astype(float), check_like=True)


def test_the_survey_items_are_worded_as_published(facts, raw):
    with (facts / "gsm_2023_items.csv").open(encoding="utf-8") as stream:
        known = {row["item_code"]: (row["theme_nl"], row["item_nl"]) for row in csv.DictReader(stream)}
    with (raw / "abb" / "residents_survey_2023_items.csv").open(encoding="utf-8") as stream:
        kept = {row["item"]: (row["theme_nl"], row["label_nl"]) for row in csv.DictReader(stream)}
    assert kept == known


def test_planned_investments_hold_every_domain_and_amount(facts, raw):
    known = pd.read_csv(facts / "abb_planned_investments_2026_2031.csv", dtype={"nis_code": str})
    kept = table(raw / "abb" / "planned_investments.csv").droplevel("year")
    totals = known.groupby("nis_code")["planned_2026_2031_eur"].sum()
    assert kept.shape[1] == known["policy_domain"].nunique()
    assert kept.sum(axis=1).to_dict() == pytest.approx(totals.to_dict())
    for code, amounts in known.groupby("nis_code")["planned_2026_2031_eur"]:
        assert sorted(kept.loc[code][kept.loc[code] > 0]) == sorted(amounts[amounts > 0])


def test_municipalities_and_areas_are_those_of_the_facts(facts, raw):
    known = pd.read_csv(facts / "municipalities.csv", dtype=str).set_index("nis_code").sort_index()
    parts = [
        pd.read_csv(raw / file, dtype=str).set_index("nis_code")
        for file in ("statbel/municipalities.csv", "provinces/supra_local_areas.csv")
    ]
    pd.testing.assert_frame_equal(pd.concat(parts, axis=1).sort_index(), known, check_like=True)


def test_mergers_of_2025_are_those_of_the_facts(facts, raw):
    columns = ["old_nis_code", "new_nis_code", "valid_from"]
    known = pd.read_csv(facts / "mergers_2025.csv", dtype=str)[columns]
    kept = pd.read_csv(raw / "statbel" / "mergers.csv", dtype=str)[columns]
    steps = set(kept[kept["valid_from"] == "2025-01-01"].itertuples(index=False, name=None))
    kept_its_code = {step for step in steps if step[0] == step[1]}
    assert steps - kept_its_code == set(known.itertuples(index=False, name=None))
    assert {old for old, _, _ in kept_its_code} == {"11002"}


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("municipalities_2025.geojson", "boundaries_flanders_2025.geojson"),
        ("villages_neteland_2025.geojson", "boundaries_neteland_villages.geojson"),
    ],
)
def test_boundaries_are_those_of_the_facts(facts, raw, file, name):
    known, kept = (
        sorted(json.dumps(area["geometry"]) for area in json.loads(path.read_text(encoding="utf-8"))["features"])
        for path in (facts / name, raw / "statbel" / file)
    )
    assert kept == known


def test_vacancies_hold_every_sector_and_their_evenness_is_what_was_derived_from_them(facts, raw, built):
    known = pd.read_csv(facts / "vdab_vacancies_by_sector_2020_2024.csv", dtype={"nis_code": str})
    kept = table(raw / "vdab" / "vacancies_by_sector.csv").droplevel("year")
    assert kept.shape == (285, known["sector"].nunique())
    for code, received in known.groupby("nis_code")["received_2020_2024"]:
        assert sorted(kept.loc[code]) == sorted(received)
    derived = pd.read_csv(facts / "vdab_vacancies_diversity_2020_2024.csv", dtype={"nis_code": str})
    derived = derived.set_index("nis_code").query("received_2020_2024 >= 500")
    rows = built.tables.indicators.query("indicator == 'div_economy' and value.notna()").set_index("nis_code")
    assert len(rows) == 265
    assert rows["n"].to_dict() == derived["received_2020_2024"].to_dict()
    assert rows["value"].round(4).to_dict() == derived["sector_evenness"].to_dict()
