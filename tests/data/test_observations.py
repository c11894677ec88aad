"""Raw tables on the boundaries of then become observations of today's municipalities, with a reason for every gap."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tests.small import both, mergers, observations, source

from resilience_analysis.data.catalogue import Column, Gap, Sampling
from resilience_analysis.data.observations import (
    code_problems,
    join_report,
    observe,
    overlap_problems,
    plausibility_problems,
)

# 01 and 02 became 10 in 2025; 03 took in 04 and kept its code; 05 never merged
STEPS = mergers(
    ("00001", "00010", "2025-01-01"),
    ("00002", "00010", "2025-01-01"),
    ("00003", "00003", "2025-01-01"),
    ("00004", "00003", "2025-01-01"),
)
TODAY = ["00003", "00005", "00010"]
OF_2024 = ["00001", "00002", "00003", "00004", "00005"]


def table(values: dict[str, float | None], *, year: int = 2024, name: str = "people") -> pd.DataFrame:
    numbers = [np.nan if value is None else float(value) for value in values.values()]
    return pd.DataFrame({"nis_code": list(values), "year": year, name: numbers})


def census(kind: str = "count", **options) -> object:
    column = Column(kind, empty=options.pop("empty", "unknown"))
    return source("census", areas=options.pop("areas", 2024), columns={"people": column}, **options)


def seen(rows: pd.DataFrame) -> dict[str, object]:
    """Return per municipality its value, or the reason why it has none."""
    return {
        code: reason if np.isnan(value) else value
        for code, value, reason in zip(rows["nis_code"], rows["value"], rows["missing_reason"], strict=True)
    }


@pytest.mark.parametrize("kind", ["count", "amount_eur"])
def test_counts_of_merged_municipalities_are_added_up(kind):
    rows = observe(table(dict(zip(OF_2024, [1, 2, 4, 8, 16], strict=True))), census(kind), codes=TODAY, mergers=STEPS)
    assert seen(rows) == {"00003": 4 + 8, "00005": 16, "00010": 1 + 2}


@pytest.mark.parametrize("kind", ["share_pct", "rate_pct", "median_eur"])
def test_what_cannot_be_added_up_is_missing_because_the_area_merged(kind):
    rows = observe(table(dict(zip(OF_2024, [1, 2, 4, 8, 16], strict=True))), census(kind), codes=TODAY, mergers=STEPS)
    assert seen(rows) == {"00003": "merged_area", "00005": 16, "00010": "merged_area"}


PEOPLE_THEN = [100, 300, 500, 500, 900]
INHABITANTS = pd.Series(PEOPLE_THEN, index=pd.MultiIndex.from_product([OF_2024, [2024]]), dtype=float)
SURVEY = source(
    "survey",
    areas=2024,
    columns={"people": Column("share_pct")},
    inhabitants="population",
    sampling=Sampling({"00005": 77}, ((400.0, 100), (float("inf"), 200)), 1.0, {}),
)


def test_percentages_of_merged_municipalities_are_weighted_by_inhabitants_and_marked():
    raw = table(dict(zip(OF_2024, [10, 20, 40, 60, 80], strict=True)))
    rows = observe(raw, SURVEY, codes=TODAY, mergers=STEPS, inhabitants=INHABITANTS).set_index("nis_code")
    assert rows["value"].to_dict() == {"00003": (40 + 60) / 2, "00005": 80, "00010": (100 * 10 + 300 * 20) / 400}
    assert rows["computed"].where(rows["computed"].notna(), "").to_dict() == {
        "00003": "weighted_mean",
        "00005": "",
        "00010": "weighted_mean",
    }


def test_a_weighted_mean_rests_on_the_effective_number_of_answers_of_its_parts():
    raw = table(dict(zip(OF_2024, [10, 20, 40, 60, 80], strict=True)))
    n = observe(raw, SURVEY, codes=TODAY, mergers=STEPS, inhabitants=INHABITANTS).set_index("nis_code")["n"]
    of_ten = (100 + 300) ** 2 / (100**2 / 100 + 300**2 / 100)
    assert n.to_dict() == pytest.approx({"00003": 200 + 200, "00005": 77, "00010": of_ten})
    assert of_ten < 100 + 100


def test_a_percentage_is_not_combined_where_a_part_has_none_or_its_inhabitants_are_not_known():
    raw = table({"00001": 10, "00003": 40, "00004": 60, "00005": 80})
    known = INHABITANTS.drop(("00004", 2024))
    rows = observe(raw, SURVEY, codes=TODAY, mergers=STEPS, inhabitants=known)
    assert seen(rows) == {"00003": "unknown", "00005": 80, "00010": "not_in_source"}
    assert rows["computed"].isna().all()


def test_counts_that_were_added_up_are_marked():
    rows = observe(table(dict(zip(OF_2024, [1, 2, 4, 8, 16], strict=True))), census(), codes=TODAY, mergers=STEPS)
    assert rows.set_index("nis_code")["computed"].dropna().to_dict() == {"00003": "sum", "00010": "sum"}


def test_a_figure_that_was_set_aside_has_the_reason_of_its_gap():
    gaps = (Gap("00005", "not_published", both("no median"), {"people": 5}),)
    rows = observe(table({"00005": None}), census(gaps=gaps), codes=["00005"], mergers=STEPS)
    assert seen(rows) == {"00005": "not_published"}


def test_figures_on_the_boundaries_of_today_are_taken_as_they_are():
    rows = observe(table(dict(zip(TODAY, [1, 2, 3], strict=True))), census(areas=2025), codes=TODAY, mergers=STEPS)
    assert seen(rows) == {"00003": 1, "00005": 2, "00010": 3}


def test_rows_by_year_stand_on_the_boundaries_of_their_own_year():
    before = table(dict(zip(OF_2024, [1, 2, 4, 8, 16], strict=True)), year=2024)
    after = table(dict(zip(TODAY, [30, 40, 50], strict=True)), year=2025)
    rows = observe(pd.concat([before, after]), census(areas="by_year"), codes=TODAY, mergers=STEPS)
    assert seen(rows[rows["year"] == 2024]) == {"00003": 12, "00005": 16, "00010": 3}
    assert seen(rows[rows["year"] == 2025]) == {"00003": 30, "00005": 40, "00010": 50}


def test_a_sum_needs_all_its_parts():
    values = {"00001": 1, "00003": 4, "00004": None, "00005": 16}  # 00002 is not in the file, 00004 is empty
    rows = observe(table(values), census(empty="hidden"), codes=TODAY, mergers=STEPS)
    assert seen(rows) == {"00003": "hidden", "00005": 16, "00010": "not_in_source"}


def test_an_empty_cell_has_the_reason_of_its_column():
    rows = observe(table({"00005": None}), census(empty="hidden"), codes=["00005"], mergers=STEPS)
    assert seen(rows) == {"00005": "hidden"}


def test_a_municipality_that_is_not_in_the_file_has_that_reason_whether_it_merged_or_not():
    rows = observe(table({"00003": 1}), census(areas=2025), codes=["00003", "00005", "00010"], mergers=STEPS)
    assert seen(rows) == {"00003": 1, "00005": "not_in_source", "00010": "not_in_source"}


def test_a_municipality_that_the_publisher_leaves_out_has_the_reason_he_gives():
    gaps = (Gap("00005", "hidden", both("too few")),)
    rows = observe(table({"00003": 1}), census(areas=2025, gaps=gaps), codes=["00003", "00005"], mergers=STEPS)
    assert seen(rows)["00005"] == "hidden"


def test_every_municipality_has_a_row_for_every_variable_and_year():
    wide = table({"00005": 1}, year=2023).assign(dogs=[2.0])
    known = source("census", areas=2024, columns={"people": Column("count"), "dogs": Column("count")})
    rows = observe(pd.concat([wide, wide.assign(year=2024)]), known, codes=TODAY, mergers=STEPS)
    assert len(rows) == 3 * 2 * 2
    assert set(rows["source"]) == {"census"}


def test_observing_does_not_change_the_table():
    raw = table({"00005": 1})
    before = raw.copy()
    observe(raw, census(), codes=TODAY, mergers=STEPS)
    pd.testing.assert_frame_equal(raw, before)


def test_a_code_that_is_no_municipality_is_named():
    (problem,) = code_problems(table({"00005": 1, "99999": 2}), census(), codes=TODAY, mergers=STEPS)
    assert str(problem) == "census.csv, 2024: 99999 is not a municipality on the boundaries of 2024"


def test_a_code_that_is_no_municipality_is_named_once_for_all_its_years():
    raw = pd.concat([table({"99999": 2}).assign(year=year) for year in (2012, 2014, 2013)])
    (problem,) = code_problems(raw, census(areas="by_year"), codes=TODAY, mergers=STEPS)
    assert str(problem) == "census.csv, 2012-2014: 99999 is not a municipality on the boundaries of 2012-2014"


def test_a_merged_code_says_into_what_it_merged():
    (problem,) = code_problems(table({"00002": 1}), census(areas=2025), codes=TODAY, mergers=STEPS)
    assert str(problem) == (
        "census.csv, 2024: 00002 is not a municipality on the boundaries of 2025. "
        "It merged on 2025-01-01 into 00010: state other areas in sources.yml"
    )


def test_a_code_of_today_does_not_exist_on_the_boundaries_of_then():
    (problem,) = code_problems(table({"00010": 1}), census(areas=2024), codes=TODAY, mergers=STEPS)
    assert "00010 is not a municipality on the boundaries of 2024" in str(problem)


def test_a_part_that_is_more_than_its_whole_is_named_with_both():
    rows = observations({"people": {2025: [10, 20, 30, None]}, "young": {2025: [10, 21, None, 5]}})
    known = {
        "source": source("source", columns={"people": Column("count"), "young": Column("count", at_most="people")})
    }
    (problem,) = plausibility_problems(rows, known)
    assert str(problem) == (
        "source.csv, 11002, 2025, young: 21 is more than the 20 of people. Correct it in definitions/corrections.yml"
    )


def test_a_variable_that_two_sources_have_is_refused():
    rows = observations({"people": {2025: [1, 2, 3, 4]}})
    both_ = pd.concat([rows, rows.assign(source="other", year=2024)])
    assert overlap_problems(rows) == []
    assert [str(problem) for problem in overlap_problems(both_)] == [
        "variable people: is in other and source. Rename one of the columns"
    ]


def test_the_join_report_counts_who_has_a_value_and_why_others_have_not():
    rows = observations({"people": {2024: [1, None, None, None], 2025: [1, 2, 3, 4]}})
    rows.loc[rows.index[2], "missing_reason"] = "merged_area"
    report = join_report(rows)
    assert report.to_numpy().tolist() == [
        ["source", "people", 2024, 4, 1, 3, "merged_area 1, unknown 2"],
        ["source", "people", 2025, 4, 4, 0, ""],
    ]
    assert list(report) == ["source", "variable", "year", "municipalities", "with_value", "missing", "missing_reasons"]
