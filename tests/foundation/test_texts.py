"""Words and numbers for people: the same in both languages, written as each language writes them."""

from __future__ import annotations

import datetime as dt

import pytest
import yaml
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from resilience_analysis.foundation.errors import InputError, UsageError
from resilience_analysis.foundation.texts import Texts, languages, load_texts, text_problems, wording_gaps

NL = Texts(
    "nl",
    {
        "and": "en",
        "greeting": "Dag {name}",
        "language.locale": "nl_BE",
        "language.before_unit": "\u202f",
        "language.amount": "{unit}\u202f{number}",
    },
)
EN = Texts(
    "en", {"and": "and", "language.locale": "en_GB", "language.before_unit": "", "language.amount": "{unit}{number}"}
)
THIN = "\u202f"
MINUS = "\u2212"


def write_texts(folder, part="texts", **trees):
    (folder / part).mkdir(parents=True, exist_ok=True)
    for language in ("nl", "en"):
        path = folder / part / f"{language}.yml"
        path.write_text(yaml.safe_dump(trees.get(language, {"a": "x"})), encoding="utf-8")
    return folder


def test_a_text_has_its_blanks_filled_in():
    assert NL("greeting", name="Olen") == "Dag Olen"
    assert NL("and") == "en"


def test_an_unknown_text_is_named_with_the_nearest():
    with pytest.raises(KeyError, match="unknown text 'greting'; did you mean 'greeting'"):
        NL("greting")


def test_a_blank_that_is_not_given_is_an_error():
    with pytest.raises(KeyError, match="name"):
        NL("greeting", place="Olen")


def test_a_wording_is_picked_in_the_language_of_the_texts():
    assert (NL.pick({"nl": "ja", "en": "yes"}), EN.pick({"nl": "ja", "en": "yes"})) == ("ja", "yes")


@pytest.mark.parametrize(
    ("value", "decimals", "dutch", "english"),
    [
        (1234.5, 1, "1.234,5", "1,234.5"),
        (0.25, 2, "0,25", "0.25"),
        (-3, 0, f"{MINUS}3", f"{MINUS}3"),
        (-0.04, 1, "0,0", "0.0"),
        (1_234_567, 0, "1.234.567", "1,234,567"),
        (99.95, 1, "100,0", "100.0"),
    ],
)
def test_numbers_are_written_as_each_language_writes_them(value, decimals, dutch, english):
    assert (NL.number(value, decimals), EN.number(value, decimals)) == (dutch, english)


@pytest.mark.parametrize(("value", "written"), [(2, "+2"), (-2, f"{MINUS}2"), (0, "0"), (0.4, "0"), (-0.4, "0")])
def test_a_difference_has_its_sign_unless_it_rounds_to_nothing(value, written):
    assert NL.number(value, sign=True) == written


@pytest.mark.parametrize(
    ("value", "unit", "dutch", "english"),
    [
        (56.4, "%", f"56{THIN}%", "56%"),
        (31585, "€", f"€{THIN}31.585", "€31,585"),
        (0.951, "0-1", "0,95", "0.95"),
        (12.34, "‰", f"12,3{THIN}‰", "12.3‰"),
        (3.25, "1-4", "3,2", "3.2"),
        (29001, "count", "29.001", "29,001"),
        (1.26, "trees", f"1,3{THIN}trees", "1.3\N{NO-BREAK SPACE}trees"),
    ],
)
def test_a_value_is_written_with_its_unit_and_the_usual_decimals(value, unit, dutch, english):
    assert (NL.value(value, unit), EN.value(value, unit)) == (dutch, english)


def test_an_indicator_may_ask_for_more_decimals_than_its_unit_has():
    assert NL.value(4.56, "%", decimals=1) == f"4,6{THIN}%"


@given(st.floats(-1e9, 1e9), st.integers(0, 3))
def test_a_written_number_reads_back_to_the_rounded_one(value, decimals):
    text = NL.number(value, decimals).replace(".", "").replace(",", ".").replace(MINUS, "-")
    assert float(text) == pytest.approx(round(value, decimals), abs=1e-9)


def test_a_date_is_written_in_full():
    day = dt.date(2026, 11, 23)
    assert (NL.date(day), EN.date(day)) == ("23 november 2026", "23 November 2026")


@pytest.mark.parametrize(
    ("parts", "joined"), [([], ""), (["a"], "a"), (["a", "b"], "a en b"), (["a", "b", "c"], "a, b en c")]
)
def test_parts_are_joined_as_in_a_sentence(parts, joined):
    assert NL.enumerate(iter(parts)) == joined


def test_an_unknown_language_is_refused():
    with pytest.raises(UsageError, match=r"unknown language 'xx'\. Known: en, fr, nl"):
        load_texts("xx")


def test_the_languages_of_the_package_have_the_same_texts_and_blanks():
    assert text_problems() == []
    words = [load_texts(language).words for language in languages()]
    assert all(own.keys() == words[0].keys() for own in words)
    assert len(words[0]) > 100


def test_nested_texts_are_found_by_their_path(tmp_path):
    folder = write_texts(tmp_path, nl={"a": {"b": {"c": "x"}}, "d": 1})
    assert load_texts("nl", folder).words == {"a.b.c": "x", "d": "1"}


def test_a_text_that_one_language_lacks_is_named_with_its_file(tmp_path):
    folder = write_texts(tmp_path, nl={"a": "x", "b": "y"}, en={"a": "x", "c": "z"})
    assert [str(problem) for problem in text_problems(folder=folder)] == [
        "texts/en.yml: b is missing",
        "texts/nl.yml: c is missing",
    ]


def test_a_text_with_other_blanks_is_named(tmp_path):
    folder = write_texts(tmp_path, nl={"a": "{n} van {total}", "b": "{x}"}, en={"a": "{n} of all", "b": "x: {x}"})
    assert [str(problem) for problem in text_problems(folder=folder)] == [
        "texts, a: the languages have different blanks"
    ]


@pytest.mark.parametrize(
    ("tree", "fault"),
    [
        ({"a": {"b": "torn {n"}}, r"texts/nl\.yml, a\.b: its blanks cannot be filled in"),
        ({"a": "torn }"}, r"texts/nl\.yml, a: its blanks cannot be filled in"),
        ({"a": None}, r"texts/nl\.yml, a: is empty"),
        (["a"], r"texts/nl\.yml: must be a mapping of texts"),
        (None, r"texts/nl\.yml: must be a mapping of texts"),
    ],
)
def test_texts_that_cannot_be_used_are_refused_with_their_key(tmp_path, tree, fault):
    with pytest.raises(InputError, match=fault):
        load_texts("nl", write_texts(tmp_path, nl=tree))


def test_the_words_of_a_part_are_found_under_the_name_of_its_folder(tmp_path):
    folder = write_texts(tmp_path, nl={"a": "x"}, en={"a": "y"})
    write_texts(tmp_path, part="pages/sections/maps", nl={"title": "Kaart"}, en={"title": "Map"})
    assert load_texts("nl", folder).words == {"a": "x", "maps.title": "Kaart"}
    assert load_texts("en", folder)("maps.title") == "Map"


def test_a_text_that_is_in_two_files_is_refused(tmp_path):
    folder = write_texts(tmp_path, nl={"maps": {"title": "x"}}, en={"maps": {"title": "x"}})
    write_texts(tmp_path, part="pages/sections/maps", nl={"title": "Kaart"}, en={"title": "Map"})
    with pytest.raises(InputError, match=r"maps/nl\.yml, maps\.title: is in another text file too"):
        load_texts("nl", folder)


def test_a_language_is_one_set_of_text_files_and_what_it_lacks_is_named(tmp_path):
    folder = write_texts(tmp_path, nl={"a": "x"}, en={"a": "y"})
    write_texts(tmp_path, part="pages/maps", nl={"title": "Kaart"}, en={"title": "Map"})
    (folder / "texts" / "fr.yml").write_text("a: z\n")
    assert languages(folder) == ("nl", "en", "fr")
    assert load_texts("fr", folder)("a") == "z"
    assert [str(problem) for problem in text_problems(folder=folder)] == ["pages/maps/fr.yml: maps.title is missing"]


def test_a_text_that_code_asks_for_is_missing_in_every_language(tmp_path):
    folder = write_texts(tmp_path)
    assert [str(problem) for problem in text_problems(["reason.withdrawn"], folder)] == [
        "texts/nl.yml: reason.withdrawn is missing",
        "texts/en.yml: reason.withdrawn is missing",
    ]


def test_a_wording_that_lacks_a_language_is_named_with_its_place(tmp_path):
    path = tmp_path / "framework.yml"
    path.write_text("indicators:\n  one: {label: {nl: x}, parts: [{name: {en: y, also: [z]}}], unit: '%'}\n")
    assert [str(problem) for problem in wording_gaps(path, ("nl", "en"))] == [
        "framework.yml, indicators.one.label: has no wording in en",
        "framework.yml, indicators.one.parts.1.name: has no wording in nl",
    ]


def test_a_definition_without_the_wording_of_a_language_says_so():
    with pytest.raises(InputError, match=r"a definition has no wording in nl \(en: Trust\)"):
        NL.pick({"en": "Trust"})


@pytest.mark.parametrize(
    ("unit", "written"), [("trees/ha", "12.3\N{NO-BREAK SPACE}trees/ha"), ("number", "12.3"), ("€", "€12")]
)
def test_a_unit_of_a_project_of_ones_own_is_written_behind_the_number(unit, written):
    assert EN.value(12.3, unit) == written


@pytest.mark.parametrize("words", ["Jobs beside {group} and Devon", "Jobs beside {group} in Devon"])
def test_a_group_that_is_the_whole_is_not_named_twice(words):
    texts = Texts("en", {"a": words})
    assert texts("a", group="Devon") == "Jobs beside Devon"
    assert texts("a", group="Kent").startswith("Jobs beside Kent ")


@given(
    value=st.floats(-1e12, 1e12), decimals=st.integers(0, 6), locale=st.sampled_from(["nl_BE", "en_GB", "fr_BE", "sv"])
)
def test_a_number_is_written_as_the_locale_has_it(value: float, decimals: int, locale: str) -> None:
    words = Texts("xx", {"language.locale": locale})
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    expected = format_decimal(round(value, decimals) + 0.0, format=pattern, locale=locale)
    assert words.number(value, decimals) == expected.replace("-", MINUS)


def test_a_unit_of_several_words_can_go_on_below_its_number():
    assert EN.value(4845880, "pounds sterling", decimals=0) == "4,845,880 pounds sterling"
    assert "\N{NO-BREAK SPACE}" in EN.value(12, "inhabitants", decimals=0)
