"""Everything recomputed from the raw files in plain pandas, by formulas written out here, against the processed tables.

No formula of the package is used: a slip in one cannot repeat itself here. Only the pages are asked for, to see that
they print what was recomputed.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
import yaml

from resilience_analysis.pages.profile import ProfilePage
from resilience_analysis.pages.region import RegionPage
from resilience_analysis.pages.subject import region_subject, subject

Z = NormalDist().inv_cdf(0.975)
REFERENCE = 285
HOUSEHOLDS = ["households_1_person", "households_2_persons", "households_3_persons", "households_4plus_persons"]
DWELLINGS = [
    *("dwellings_terraced", "dwellings_semi_detached", "dwellings_detached_farm_castle"),
    *("dwellings_apartment_buildings", "dwellings_commercial_buildings", "dwellings_other_buildings"),
]
PRINTED = ("13011", "13044", "46030", "73028")  # 46030 was merged in 2025, 73028 is the smallest
MARKS = {"nl": ".,", "en": ",.", "fr": "\u202f,"}  # of thousands and decimals
NO_SECTOR = ["vacancies_sector_unknown", "vacancies_temporary_work"]


@pytest.fixture(scope="module")
def raw(root: Path) -> Callable[[str], pd.DataFrame]:
    """Read a raw table."""
    return lambda name: pd.read_csv(root / "data" / "raw" / f"{name}.csv", dtype={"nis_code": str})


@pytest.fixture(scope="module")
def framework(root: Path) -> dict:
    """The framework as it is written, with the goalposts that were frozen."""
    content = yaml.safe_load((root / "definitions" / "framework.yml").read_text(encoding="utf-8"))
    frozen = yaml.safe_load((root / "definitions" / "goalposts.yml").read_text(encoding="utf-8"))["indicators"]
    for code, entry in content["indicators"].items():
        entry["goalposts"] = entry.get("goalposts") or frozen[code]["goalposts"]
    return content


@pytest.fixture(scope="module")
def table(root: Path) -> Callable[[str], pd.DataFrame]:
    """Read a processed table."""
    text = dict.fromkeys(("nis_code", "missing_reason", "computed", "code"), str)
    folder = root / "data" / "processed"
    return lambda name: pd.read_csv(folder / f"{name}.csv", dtype=text, keep_default_na=False, na_values=[""])


@pytest.fixture(scope="module")
def merged(root: Path) -> dict[str, str]:
    """Codes of 2024 by what they became in 2025."""
    steps = pd.read_csv(root / "data" / "raw" / "statbel" / "mergers.csv", dtype=str)
    return steps[steps["valid_from"] == "2025-01-01"].set_index("old_nis_code")["new_nis_code"].to_dict()


def entropy(parts: pd.DataFrame) -> pd.Series:
    """Return Shannon's entropy of the shares in each row over its maximum."""
    shares = parts.div(parts.sum(axis=1), axis=0)
    return -(shares * np.log(shares.where(shares > 0, 1))).sum(axis=1) / math.log(parts.shape[1])


def of_year(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    return rows[rows["year"] == year].set_index("nis_code").drop(columns="year")


def answers(inhabitants: float) -> int:
    """Return how many answers are assumed, as sources.yml states it."""
    return 135 if inhabitants < 5000 else 200 if inhabitants < 10_000 else 300 if inhabitants < 100_000 else 1000


@pytest.fixture(scope="module")
def survey(raw, merged) -> tuple[pd.DataFrame, pd.Series]:
    """Percentages of the municipalities of today, and how many answers each rests on."""
    shares = of_year(raw("abb/residents_survey_2023"), 2023)
    people = of_year(raw("statbel/population_nationality"), 2023)["population"].reindex(shares.index)
    today = pd.Series(shares.index, shares.index).replace(merged)
    weight = people / people.groupby(today).transform("sum")
    combined = shares.mul(weight, axis=0).groupby(today).sum()
    n = 1 / (weight**2 / people.map(answers)).groupby(today).sum()
    return combined, n


@pytest.fixture(scope="module")
def recomputed(raw, survey, framework) -> pd.DataFrame:
    """Values of all indicators from surveys and registers, municipalities x indicators."""
    dwellings, permits = of_year(raw("statbel/dwellings"), 2025), raw("statbel/building_permits")
    renovated = permits[permits["year"] > 2021].groupby("nis_code")["residential_buildings_renovated"].mean()
    bodies, sectors = of_year(raw("abb/intermunicipal_bodies"), 2023), of_year(raw("vdab/vacancies_by_sector"), 2024)
    sectors = sectors.drop(columns=NO_SECTOR)
    registers = {
        "div_households": entropy(of_year(raw("statistiek_vlaanderen/households_by_size"), 2023)[HOUSEHOLDS]),
        "div_dwellings": entropy(dwellings[DWELLINGS]),
        "div_economy": entropy(sectors).where(sectors.sum(axis=1) >= 500),
        "div_investment": entropy(of_year(raw("abb/planned_investments"), 2026)),
        "sch_project_associations": bodies["project_associations"],
        "sch_within_region": 100 * bodies["bodies_within_reference_region"] / bodies["intermunicipal_bodies"],
        "exp_renewal": 1000 * renovated / dwellings["dwellings"],
    }
    asked = {c: e["derive"]["take"] for c, e in framework["indicators"].items() if e["strand"] == "residents"}
    told = {c: e for c, e in framework["indicators"].items() if e["strand"] == "register"}
    assert set(told) == set(registers)
    shares, _ = survey
    return pd.DataFrame({**{code: shares[item] for code, item in asked.items()}, **registers})


def test_every_value_of_every_scored_indicator_is_that_of_the_raw_files(recomputed, table):
    rows = table("indicators")
    for code, expected in recomputed.items():
        seen = rows[rows["indicator"] == code]
        last = seen[seen["value"].notna()]["year"].max()
        found = seen[seen["year"] == last].set_index("nis_code")["value"]
        assert len(found) == REFERENCE
        pd.testing.assert_series_equal(found.dropna(), expected.dropna().sort_index().astype(float), check_names=False)


def wilson(p: pd.Series, n: pd.Series, sign: int) -> pd.Series:
    """Return one end of the interval of Wilson (1927) of a percentage."""
    share = p / 100
    centre = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return 100 * (centre + sign * half)


@pytest.fixture(scope="module")
def sides(recomputed, survey, framework) -> dict[str, tuple[pd.Series, pd.Series]]:
    """How far every percentage of the survey may lie below and above, widened by half a rounding step."""
    _, n = survey
    asked = [code for code, entry in framework["indicators"].items() if entry["strand"] == "residents"]
    found = {}
    for code in asked:
        value = recomputed[code].dropna()
        low = wilson((value - 0.5).clip(lower=0), n[value.index], -1)
        high = wilson((value + 0.5).clip(upper=100), n[value.index], 1)
        found[code] = ((value - low).clip(lower=0), (high - value).clip(lower=0))
    return found


def test_every_margin_of_the_survey_is_that_of_wilson(sides, table):
    rows = table("indicators")
    for code, (below, above) in sides.items():
        found = rows[(rows["indicator"] == code) & rows["value"].notna()].set_index("nis_code")
        assert (found["value"] - found["low"]).to_numpy() == pytest.approx(below[found.index].to_numpy())
        assert (found["high"] - found["value"]).to_numpy() == pytest.approx(above[found.index].to_numpy())


def place(values: pd.Series, entry: dict) -> pd.Series:
    """Return the place of values between the goalposts, in the direction of more resilience, not cut off."""
    low, high = entry["goalposts"]
    share = (values - low) / (high - low)
    return 100 * (share if entry["direction"] == 1 else 1 - share)


def test_goalposts_are_the_5th_and_95th_percentile_of_all_municipalities(recomputed, framework):
    for code, values in recomputed.items():
        known = sorted(values.dropna())
        for share, post in zip((0.05, 0.95), framework["indicators"][code]["goalposts"], strict=True):
            rank = (len(known) - 1) * share
            floor, ceiling = known[math.floor(rank)], known[math.ceil(rank)]
            assert post == pytest.approx(floor + (rank - math.floor(rank)) * (ceiling - floor), abs=1e-6)


def members(framework: dict, dimension: str, strand: str) -> dict[str, dict]:
    """Return the indicators of one factor and side."""
    return {
        code: entry
        for code, entry in framework["indicators"].items()
        if (entry["dimension"], entry["strand"]) == (dimension, strand)
    }


def shares_of(places: pd.DataFrame, entries: dict[str, dict]) -> pd.DataFrame:
    """Return the share of every indicator in the mean of each municipality, over what it has."""
    weights = places.notna() * pd.Series({code: float(entry["weight"]) for code, entry in entries.items()})
    return weights.div(weights.sum(axis=1), axis=0)


@pytest.mark.parametrize("strand", ["residents", "register"])
def test_every_factor_score_is_the_weighted_mean_of_its_places(recomputed, framework, table, strand):
    scores = (
        table("scores").query("level == 'dimension'").set_index(["code", "strand", "nis_code"])["score"].sort_index()
    )
    checked = 0
    for dimension in framework["dimensions"]:
        entries, found = members(framework, dimension, strand), scores[dimension, strand]
        if not entries:
            assert found.isna().all()
            continue
        places = pd.DataFrame({code: place(recomputed[code], entry) for code, entry in entries.items()})
        enough = places.notna().mean(axis=1) >= framework["scoring"]["min_coverage"]
        mean = (places.clip(0, 100).fillna(0) * shares_of(places, entries)).sum(axis=1).where(enough)
        assert found.to_numpy() == pytest.approx(mean.reindex(found.index).to_numpy(), nan_ok=True)
        checked += int(found.notna().sum())
    assert checked > 800


def test_every_margin_of_a_factor_has_errors_that_go_together_as_stated(recomputed, sides, framework, table):
    scores = table("scores").query("level == 'dimension'").set_index(["code", "strand", "nis_code"]).sort_index()
    together = framework["error_correlation"]["abb_residents_survey"]["value"]
    for dimension in framework["dimensions"]:
        entries = members(framework, dimension, "residents")
        found = scores.loc[(dimension, "residents")].dropna(subset="score")
        places = pd.DataFrame({code: place(recomputed[code], entry) for code, entry in entries.items()})
        shares = shares_of(places, entries).loc[found.index]
        for name, side in (("margin_below", 0), ("margin_above", 1)):
            parts = {}
            for code, entry in entries.items():
                low, high = entry["goalposts"]
                # what lies below a value that counts the other way lies above its place
                of_value = side if entry["direction"] == 1 else 1 - side
                parts[code] = 100 / (high - low) * sides[code][of_value][found.index] * shares[code]
            pieces = pd.DataFrame(parts)
            variance = (1 - together) * (pieces**2).sum(axis=1) + together * pieces.sum(axis=1) ** 2
            assert found[name].to_numpy() == pytest.approx(np.sqrt(variance).to_numpy())


def test_every_comparison_in_neteland_that_is_called_clear_passes_benjamini_and_hochberg(table, dataset):
    rows = table("scores").query("level == 'dimension' and strand == 'residents'")
    rows = rows[rows["nis_code"].isin(["13010", "13011", "13012", "13029", "13044"])]
    pairs = []
    for dimension, group in rows.groupby("code"):
        for one, other in combinations(group.to_dict("records"), 2):
            upper, lower = (one, other) if one["score"] > other["score"] else (other, one)
            margin = math.hypot(upper["margin_below"], lower["margin_above"])
            p = 2 * NormalDist().cdf(-Z * (upper["score"] - lower["score"]) / margin)
            pairs.append((p, lower["nis_code"], upper["nis_code"], dimension))
    pairs.sort()
    passing = [rank for rank, (p, *_) in enumerate(pairs, start=1) if p <= 0.05 * rank / len(pairs)]
    clear = {(lower, upper, dimension) for _, lower, upper, dimension in pairs[: max(passing, default=0)]}
    text = html.unescape(RegionPage(region_subject(dataset, "neteland")).learning().standalone())
    assert f"In Neteland zijn {len(pairs)} vergelijkingen tegelijk gemaakt. {len(clear)} verschillen" in text
    for lower, upper, _ in clear:
        cell = re.search(rf'<th scope="row">{dataset.names[lower]}</th>(.*?)</tr>', text, re.DOTALL)
        assert cell is not None
        assert "Beschikbaarheid" in cell.group(1) or "Informatie" in cell.group(1), upper


def written(value: float, unit: str, language: str) -> str:
    """Return a number as the language writes it, without its unit."""
    said = f"{value:,.{ ({'%': 0, '‰': 1, '0-1': 2, 'count': 0}[unit]) }f}"
    return said.translate(str.maketrans(",.", MARKS[language]))


def numbers(words: str) -> list[str]:
    return re.findall(r"\d(?:[\d.,]|\u202f(?=\d))*", words)


@pytest.fixture(params=[(code, language) for code in PRINTED for language in MARKS])
def page(dataset, request) -> tuple[str, str, str]:
    """The text of the factors of one municipality in one language, with its code and the language."""
    code, language = request.param
    factors = ProfilePage(subject(dataset, code, language=language)).factor_details()
    return code, language, html.unescape(factors.standalone())


def test_the_page_prints_what_was_recomputed(recomputed, sides, framework, page):
    code, language, text = page
    margins = 0
    for indicator, values in recomputed.items():
        row = re.search(rf'<tr id="row-{indicator}">(.*?)</tr>', text, re.DOTALL)
        assert row is not None
        shown = re.search(r"<strong>(.*?)</strong>(?:<br><span class=\"quiet\">(.*?)</span>)?", row.group(1))
        value, unit = values.get(code, math.nan), framework["indicators"][indicator]["unit"]
        if math.isnan(value):
            assert shown is None
            assert 'class="missing own"' in row.group(1)
            continue
        assert shown is not None
        assert numbers(shown.group(1)) == [written(value, unit, language)]
        if indicator in sides:
            below, above = (float(side[code]) for side in sides[indicator])
            assert numbers(shown.group(2)) == [written(end, unit, language) for end in (value - below, value + above)]
            margins += 1
    assert (margins == 0) == (code == "73028")  # of the smallest no answer was published
