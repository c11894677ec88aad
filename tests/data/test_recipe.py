"""A recipe brings a published table to our own: which rows, columns, labels and years, in what unit."""

from __future__ import annotations

import pandas as pd
import pytest

from resilience_analysis.data.recipe import Recipe, follow
from resilience_analysis.foundation.errors import InputError
from resilience_analysis.geography.municipalities import by_name

PLACES = by_name(["11001", "13029"], {"11001": "Aartselaar", "13029": "Olen"})


def followed(table: dict[str, list[str]], *columns: str, **recipe) -> list[tuple[object, ...]]:
    made = follow(pd.DataFrame(table, dtype=object), Recipe(**recipe), file="a.csv", columns=columns, places=PLACES)
    return list(made.itertuples(index=False, name=None))


def refusal(table: dict[str, list[str]], *columns: str, **recipe) -> str:
    with pytest.raises(InputError) as raised:
        followed(table, *columns, **recipe)
    return str(raised.value)


def test_columns_get_our_names_and_figures_our_unit():
    table = {"NIS-code": ["11001", "13029"], "Jaar": ["2024", "2024"], "aandeel": ["0,0456", "-"]}
    made = followed(table, "a", rename={"aandeel": "a"}, scale={"a": 100}, digits={"a": 1})
    assert made[0] == ("11001", 2024, 4.6)
    assert made[1][:2] == ("13029", 2024)
    assert pd.isna(made[1][2])


@pytest.mark.parametrize("word", ["..", "x", "n.b.", "N.V.T.", "/", "-99996"])
def test_what_is_missing_is_not_zero_also_in_a_sum(word):
    table = {"nis": ["11001", "11001", "13029"], "year": ["2024"] * 3, "a": ["1", word, "3"], "b": ["1", "2", "3"]}
    first, second = followed(table, "a", "b", add_up=True)
    assert pd.isna(first[2])
    assert (first[3], second) == (3, ("13029", 2024, 3, 3))


def test_a_period_is_read_as_the_year_that_the_recipe_says():
    table = {"nis": ["11001"], "year": ["2021-2022"], "a": ["1"]}
    assert "'2021-2022' has several years. Say which is meant: years in sources.yml" in refusal(table, "a")
    assert followed(table, "a", years="-(20[0-9]{2})") == [("11001", 2022, 1)]


def test_rows_that_are_not_meant_are_left_out():
    table = {
        "code": ["11001"] * 4,
        "year": ["2023", "2024", "2024", "2009"],
        "p": ["0", "0", "3", "0"],
        "a": list("1234"),
    }
    assert followed(table, "a", where={"p": 0, "year": {"from": 2010, "to": 2023}}) == [("11001", 2023, 1)]
    assert followed(table, "a", where={"p": ["3", "4"]}) == [("11001", 2024, 3)]


def test_places_are_found_by_name_and_others_are_left_out():
    table = {"Gemeente": ["AARTSELAAR", "Vlaams Gewest", ""], "year": ["2024", "2024", ""], "a": ["1", "2", "Bron: X"]}
    assert followed(table, "a") == [("11001", 2024, 1)]


def test_years_in_headings_become_rows():
    table = {"nis": ["11001"], "2024": ["1 200"], "2030": ["1 300"]}
    unpivot = {"columns": "20[0-9]{2}", "names": "year", "values": "a"}
    assert followed(table, "a", unpivot=unpivot) == [("11001", 2024, 1200), ("11001", 2030, 1300)]
    assert followed(table, "a", unpivot=unpivot, where={"year": {"to": 2024}}) == [("11001", 2024, 1200)]


def test_labels_become_columns_and_those_of_one_variable_are_added_up():
    table = {
        "nis": ["11001"] * 4,
        "year": ["2024"] * 4,
        "type": ["R1", "r2", "R4", ""],
        "n": ["3", "4", "5", "12"],  # the last is a total, without its dimension
    }
    labels = {"R1": "houses", "R2": "houses", "R4": "apartments"}
    pivot = {"column": "type", "values": "n", "labels": labels}
    assert followed(table, pivot=pivot, add_up=True) == [("11001", 2024, 7, 5)]
    assert followed(table, pivot=pivot | {"labels": {"*": "all"}}, add_up=True) == [("11001", 2024, 12)]


def test_a_year_is_found_within_its_cell_and_other_cells_are_left_out():
    table = {"nis": ["11001", "11001"], "kwartaal": ["4de kwartaal 2024", "1ste kwartaal 2024"], "a": ["1", "2"]}
    assert followed(table, "a", rename={"kwartaal": "year"}, years="4de kwartaal (20[0-9]{2})") == [("11001", 2024, 1)]


def test_a_file_without_years_needs_one():
    table = {"nis": ["11001"], "a": ["1"]}
    assert followed(table, "a", year=2024) == [("11001", 2024, 1)]
    assert "says no year. Give it: year in sources.yml, or --year" in refusal(table, "a")


def test_rows_that_say_the_same_are_one_and_others_are_refused():
    table = {"nis": ["11001", "11001"], "year": ["2024", "2024"], "a": ["1", "1.0"]}
    assert followed(table, "a") == [("11001", 2024, 1)]
    assert "11001 has several rows in 2024. Choose among them" in refusal(table | {"a": ["1", "2"]}, "a")
    assert followed(table | {"a": ["1", "2"]}, "a", add_up=True) == [("11001", 2024, 3)]


@pytest.mark.parametrize(
    ("recipe", "fault"),
    [
        ({"where": {"x": 1}}, "unknown column 'x'"),
        ({"unpivot": {"columns": "x", "names": "b", "values": "c"}}, "has no column like x; it has nis, year, a"),
        ({"pivot": {"column": "b", "values": "a", "labels": {"2": "c"}}}, "unknown column 'b'"),
        ({"pivot": {"column": "a", "values": "b", "labels": {"2": "c"}}}, "unknown column 'b'"),
    ],
)
def test_what_is_not_there_is_named(recipe, fault):
    assert fault in refusal({"nis": ["11001"], "year": ["2024"], "a": ["1"]}, "a", **recipe)


def test_a_label_that_is_not_there_is_named_beside_the_nearest():
    table = {"nis": ["11001"], "year": ["2024"], "type": ["huizen"], "n": ["1"]}
    pivot = {"column": "type", "values": "n", "labels": {"huisen": "houses"}}
    assert "unknown label 'huisen'; did you mean 'huizen'?" in refusal(table, pivot=pivot)
