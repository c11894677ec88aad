"""The regional report and the village page as their readers get them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from tests.pages.reading import Page, mistakes

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.pages.base_maps import MOST_ROWS
from resilience_analysis.pages.region import RegionPage
from resilience_analysis.pages.sections.region_whole import whole_sentence
from resilience_analysis.pages.subject import region_subject, village_subject
from resilience_analysis.pages.village import VillagePage
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.profiles.learning import MOST
from resilience_analysis.profiles.region import learning_matrix, shared_sides, side_by_side
from resilience_analysis.profiles.rows import comparator


def region_page(dataset: Dataset, name: str = "neteland", language: str = "nl") -> RegionPage:
    return RegionPage(region_subject(dataset, name, language=language))


def village_page(dataset: Dataset, code: str, language: str = "nl") -> VillagePage:
    return VillagePage(village_subject(dataset, code, language=language))


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("name", ["neteland", "kempen", "44087,44088,44086"])
def test_a_regional_report_reads_without_a_wrong_word(dataset: Dataset, name: str, language: str) -> None:
    page = Page(region_page(dataset, name, language).show().standalone())
    assert mistakes(page.text, language) == []
    assert set(page.targets()) <= set(page.ids())


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_regional_report_with_everything_reads_without_a_wrong_word(example_dataset: Dataset, language: str) -> None:
    page = Page(region_page(example_dataset, language=language).show().standalone())
    assert mistakes(page.text, language) == []
    assert page.torn == []


def test_municipalities_stand_in_alphabetical_order_never_ranked(dataset: Dataset) -> None:
    rows = side_by_side(dataset, comparator(dataset, "neteland"))
    first = rows[rows["dimension"] == "informatie"].drop_duplicates("nis_code")
    assert [str(dataset.names[code]) for code in first["nis_code"]] == [
        "Grobbendonk",
        "Herentals",
        "Herenthout",
        "Olen",
        "Vorselaar",
    ]


def test_the_matrix_names_only_pairs_whose_interval_leaves_out_zero(dataset: Dataset) -> None:
    pairs = learning_matrix(dataset, comparator(dataset, "neteland"))
    scores = dataset.tables.scores.set_index(["nis_code", "code", "strand"])
    assert len(pairs) > 0
    for row in pairs.to_dict("records"):
        own = scores.loc[(row["nis_code"], row["dimension"], row["strand"])]
        other = scores.loc[(row["other"], row["dimension"], row["strand"])]
        margin = (((own["high"] - own["low"]) / 2) ** 2 + ((other["high"] - other["low"]) / 2) ** 2) ** 0.5
        assert other["score"] - own["score"] - margin > 0


def test_a_region_of_all_municipalities_has_no_map_of_where_it_lies_among_them(dataset: Dataset) -> None:
    maps = {name: RegionPage(region_subject(dataset, name)).maps() for name in ("flanders", "neteland")}
    pictures = {name: sum("<figure" in view.html for view in views) for name, views in maps.items()}
    assert pictures == {"flanders": 2, "neteland": 4}


def test_a_region_of_all_municipalities_differs_from_no_others_and_shares_gaps_alone(dataset: Dataset) -> None:
    abouts = [region_subject(dataset, name, language="en") for name in ("flanders", "neteland")]
    everything, some = (RegionPage(about).shared().standalone() for about in abouts)
    assert [abouts[0].texts("shared.strength") in page for page in (everything, some)] == [False, True]
    assert all(abouts[0].texts("shared.gaps") in page for page in (everything, some))


@pytest.mark.parametrize("language", ["nl", "en", "fr"])
def test_many_municipalities_are_counted_by_what_they_score_and_not_listed(dataset: Dataset, language: str) -> None:
    page = RegionPage(region_subject(dataset, "flanders", language=language))
    section = page.side_by_side().standalone()
    rows = re.findall(r"<tr><th scope=.row.>.*?</tr>", section, re.DOTALL)
    cells = [re.findall(r"<td[^>]*>(?:<strong>)?([^<]*)", row) for row in rows]
    medians, counts = [row[0] for row in cells], [[int(cell) for cell in row[1:]] for row in cells]
    scores = dataset.tables.scores.query("level == 'dimension' and score.notna()")
    by_factor = dict(list(scores.groupby(["code", "strand"])["score"]))
    expected = [
        by_factor[key]
        for strand in ("self", "residents", "register", "process")
        for key in [(code, strand) for code in dataset.framework.dimensions]
        if key in by_factor
    ]
    assert len(counts) == len(expected)
    for row, median, figures in zip(counts, medians, expected, strict=True):
        assert sum(row) == 285
        assert row[-1] == 285 - len(figures)
        assert row[4] == (figures >= 80).sum()
        assert int(median) == round(figures.median())
    assert mistakes(Page(section).text, language) == []


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_region_as_a_whole_has_sentences_that_follow_from_its_table(dataset: Dataset, language: str) -> None:
    region = region_subject(dataset, "neteland", language=language)
    sides = shared_sides(dataset, region.region)
    text = Page(RegionPage(region).region_whole().standalone()).text
    assert mistakes(text, language) == []
    for row in sides.head(3).to_dict("records"):
        assert region.label(row["indicator"]) in text
        assert " ".join(region.write(row["indicator"], row["value"]).split()) in text
        word = {"nl": ("hoger", "lager"), "en": ("higher", "lower")}[language][row["value"] < row["rest"]]
        assert word in whole_sentence(region, row)


def test_a_region_that_depends_on_a_municipality_has_no_report(dataset: Dataset) -> None:
    with pytest.raises(UsageError, match="depends on a municipality"):
        region_subject(dataset, "nearest")


def test_the_worksheet_has_a_row_per_factor_and_room_to_write(dataset: Dataset) -> None:
    page = Page(region_page(dataset).workshop().standalone())
    assert len(page.named("td")) == 3 * len(dataset.framework.dimensions)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_village_has_a_page_that_says_what_is_not_known(dataset: Dataset, language: str) -> None:
    inside = dataset.villages["nis_code"].isin(comparator(dataset, "neteland").codes)
    codes = sorted(dataset.villages.loc[inside, "village_code"])
    assert len(codes) == 8
    for code in codes:
        page = village_page(dataset, code, language)
        text = Page(page.show().standalone()).text
        assert mistakes(text, language) == []
        whole = code[:5] in {"13012", "13029", "13044"}  # one village, which is the municipality
        known = ("Hoe oud de inwoners zijn, is" if language == "nl" else "How old the inhabitants are is") in text
        assert known != whole
        assert ("geen enkel cijfer" if language == "nl" else "not a single figure") not in text
        assert (
            ("is één gemeente en één dorp" if language == "nl" else "is one municipality and one village") in text
        ) == whole


def test_a_village_shows_its_projects_and_its_team(example_dataset: Dataset) -> None:
    text = Page(village_page(example_dataset, "13011C").show().standalone()).text
    assert "Voorbeeld Pastorij" in text
    assert "4 van de 4 partijen" in text
    assert mistakes(text, "nl") == []


def test_the_team_check_is_blank_below_five_answers(example_dataset: Dataset) -> None:
    few = example_dataset.tables.estimates.copy()
    few.loc[few["group"].str.startswith("village:"), "n"] = 4
    dataset = replace(example_dataset, tables=replace(example_dataset.tables, estimates=few), kept={})
    page = Page(village_page(dataset, "13011C").village_team().standalone())
    assert "minstens 5 teamleden" in page.text
    assert not page.named("svg")


def test_an_unknown_village_is_refused_with_the_known_ones(dataset: Dataset) -> None:
    with pytest.raises(UsageError, match="13011C Morkhoven"):
        village_subject(dataset, "13011X")


def test_the_matrix_names_factors_in_their_order_with_who_says_so(example_dataset: Dataset) -> None:
    page = region_page(example_dataset)
    labels = list(page.subject.dimensions.values())
    for cell in re.findall(r'<td class="words">(.*?)</td>', page.learning().standalone()):
        parts = [re.sub(r"<[^>]+>", "", part).strip() for part in cell.split("; ")]
        named = [
            re.fullmatch(r"(.+) \((?:inwoners|zelfinschatting|zelfinschatting en inwoners)\)", part) for part in parts
        ]
        assert parts == ["–"] or all(named)
        places = [labels.index(match.group(1)) for match in named if match]
        assert places == sorted(places)


@pytest.mark.parametrize("language", ["nl", "en", "fr"])
def test_a_region_of_many_names_the_nearest_that_the_first_municipalities_can_learn_from(
    dataset: Dataset, language: str
) -> None:
    subject = region_subject(dataset, "flanders", language=language)
    page = BeautifulSoup(RegionPage(subject).learning().standalone(), "html.parser")
    named = [cell.get_text().split(", ") for cell in page.select("td.words")]
    assert {len(others) for others in named} == set(range(1, MOST + 1))
    learners = {row.get_text() for row in page.select("tbody th")}
    assert 20 < len(learners) <= MOST_ROWS
    assert str(MOST_ROWS) in page.caption.get_text()
    assert subject.texts("learning.region_nearest", most=MOST) in page.select_one("p.note").get_text()
