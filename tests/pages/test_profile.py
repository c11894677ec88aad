"""The profile as its reader gets it: complete, in order, linked, and without a wrong word."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from tests.datasets import FIVE, MERGED
from tests.pages.reading import Page, mistakes

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.pages.base_maps import class_patches
from resilience_analysis.pages.profile import ProfilePage
from resilience_analysis.pages.region import RegionPage
from resilience_analysis.pages.render import Picture
from resilience_analysis.pages.subject import region_subject, subject, village_subject
from resilience_analysis.pages.village import VillagePage
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.profiles.local_registers import log_of

ORDER = [
    "summary",
    "key",
    "read",
    "factors",
    "self",
    "maps",
    "context",
    "housing",
    "process",
    "unknown",
    "learn",
    "next",
    "sources",
]
ALONE = "73028"  # Herstappe: hidden by the survey, alone in much


def page_of(dataset: Dataset, code: str, **options: str) -> ProfilePage:
    return ProfilePage(subject(dataset, code, **options))


def html_of(page: ProfilePage) -> Page:
    return Page(page.show().standalone())


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("code", [*FIVE, MERGED, ALONE, "11002"])
def test_a_profile_reads_without_a_wrong_word(dataset: Dataset, code: str, language: str) -> None:
    page = html_of(page_of(dataset, code, language=language))
    assert mistakes(page.text, language) == []


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("code", [*FIVE, MERGED])
def test_a_profile_with_everything_reads_without_a_wrong_word(
    example_dataset: Dataset, code: str, language: str
) -> None:
    page = html_of(page_of(example_dataset, code, language=language))
    assert mistakes(page.text, language) == []


def test_the_sections_stand_in_the_agreed_order(dataset: Dataset) -> None:
    ids = html_of(page_of(dataset, "13011")).ids()
    assert [name for name in ids if name in ORDER] == ORDER


def test_every_link_within_a_profile_has_a_target(example_dataset: Dataset) -> None:
    page = html_of(page_of(example_dataset, "13011"))
    assert set(page.targets()) <= set(page.ids())


def test_no_id_stands_twice(example_dataset: Dataset) -> None:
    ids = html_of(page_of(example_dataset, "13011")).ids()
    assert len(ids) == len(set(ids))


def test_the_html_of_every_view_is_closed(example_dataset: Dataset) -> None:
    for view in page_of(example_dataset, "13029", language="en").show():
        markup = view.standalone()
        assert Page(markup).torn == [], markup[:200]


def test_every_table_has_a_caption_and_scoped_headings(example_dataset: Dataset) -> None:
    page = html_of(page_of(example_dataset, "13011"))
    assert len(page.named("table")) == len(page.named("caption")) > 20
    assert all(heading.get("scope") in {"col", "row", "rowgroup"} for heading in page.named("th"))


def test_every_picture_says_what_it_shows(dataset: Dataset) -> None:
    pictures = [view for view in page_of(dataset, "13044").show() if isinstance(view, Picture)]
    assert len(pictures) == 6
    assert all(len(picture.alt) > 40 and picture.caption for picture in pictures)


def test_every_small_drawing_has_words_for_who_cannot_see_it(example_dataset: Dataset) -> None:
    page = page_of(example_dataset, "13011").show().standalone()
    drawings = re.findall(r'<svg class="cell"[^>]*>.{0,20}', page)
    assert len(drawings) > 60
    assert [drawing for drawing in drawings if not re.match(r"<svg [^>]*role=.img.[^>]*><title>[^<]{8}", drawing)] == []


def test_the_comparator_is_named_in_every_spine_caption(dataset: Dataset) -> None:
    page = page_of(dataset, "13011", group="kempen")
    for dimension in dataset.framework.dimensions:
        assert "referentieregio Kempen" in page.factor(dimension).standalone()


@pytest.mark.parametrize(
    "group", ["neteland", "kempen", "facility_level", "province", "flanders", "nearest", "13044,13012"]
)
def test_any_comparator_gives_a_whole_profile(dataset: Dataset, group: str) -> None:
    page = html_of(page_of(dataset, "13011", group=group))
    assert mistakes(page.text, "nl") == []


def test_without_answers_the_self_assessment_says_so(dataset: Dataset) -> None:
    text = Page(page_of(dataset, "13011").self_assessment().standalone()).text
    assert "nog geen antwoorden" in text


def test_fewer_than_five_answers_show_nothing_but_that(example_dataset: Dataset) -> None:
    table = example_dataset.tables.estimates
    first_wave = table[table["wave"].astype(str) == "2025"]
    dataset = replace(example_dataset, tables=replace(example_dataset.tables, estimates=first_wave), kept={})
    text = Page(page_of(dataset, "13012").self_assessment().standalone()).text
    assert "te weinig om te tonen" in text
    assert "mensen antwoordden" not in text


def test_a_municipality_nobody_asked_is_not_called_suppressed(example_dataset: Dataset) -> None:
    text = Page(page_of(example_dataset, "13044").self_assessment().standalone()).text
    assert "nog geen antwoorden" in text


def test_without_villages_there_is_no_map_of_them(dataset: Dataset) -> None:
    maps = page_of(dataset, MERGED).maps()
    assert sum(isinstance(view, Picture) for view in maps) == 3


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_public_page_names_no_command_and_no_file(dataset: Dataset, language: str) -> None:
    pages = [
        page_of(dataset, "13011", language=language),
        RegionPage(region_subject(dataset, "neteland", language=language)),
        VillagePage(village_subject(dataset, "13011C", language=language)),
    ]
    for page in pages:
        text = html_of(page).text
        assert not re.search(r"data/|\.csv|\.yml|resilience (survey|build|lock|check)", text)


def test_the_first_page_has_numbers_sentences_factors_gaps_and_whom_to_ask(dataset: Dataset) -> None:
    shown = page_of(dataset, "13011").summary().standalone()
    text = Page(shown).text
    assert all(f'href="#factor-{code}"' in shown for code in dataset.framework.dimensions)
    assert "29.001" in text
    assert text.count("naar de rij") == 3
    assert "info@regioneteland.be" in text
    assert "Wat we niet weten" in text
    elsewhere = Page(page_of(dataset, "73028").summary().standalone()).text
    assert "Wie kan je bellen" not in elsewhere
    assert "ondersteunt je" in html_of(page_of(dataset, "11002")).text
    assert "ondersteunt je" not in html_of(page_of(dataset, "73028")).text


def test_a_merged_municipality_says_why_its_figures_are_missing(dataset: Dataset) -> None:
    page = page_of(dataset, MERGED)
    assert "gefuseerd" in Page(page.unknown().standalone()).text
    assert Page(page.summary().standalone()).text.count("naar de rij") == 3


def test_a_factor_with_one_indicator_reads_well(dataset: Dataset) -> None:
    only = {
        code: ind
        for code, ind in dataset.framework.indicators.items()
        if code in {"inf_activities", "org_trust_people"}
    }
    framework = replace(dataset.framework, indicators=only, mapped=tuple(only))
    indicators = dataset.tables.indicators
    tables = replace(dataset.tables, indicators=indicators[indicators["indicator"].isin([*only, *framework.context])])
    page = html_of(ProfilePage(subject(replace(dataset, framework=framework, tables=tables, kept={}), "13011")))
    assert mistakes(page.text, "nl") == []


def test_figures_without_a_sample_have_no_column_of_numbers_and_no_word_on_margins(dataset: Dataset) -> None:
    none = dict.fromkeys(("n", "low", "high"), float("nan"))
    indicators, scores = dataset.tables.indicators.assign(**none), dataset.tables.scores
    scores = scores.assign(**dict.fromkeys(("low", "high", "margin_below", "margin_above"), float("nan")))
    bare = replace(dataset, tables=replace(dataset.tables, indicators=indicators, scores=scores), kept={})
    for data, there in ((dataset, True), (bare, False)):
        page, t = page_of(data, "13011"), dataset.texts("nl")
        assert (f">{t('table.n')}</th>" in page.factor("informatie").standalone()) == there
        assert (t("reading_guide.four") in page.reading_guide().standalone()) == there


def test_invented_data_have_a_banner_on_the_page_and_a_mark_in_every_table(example_dataset: Dataset) -> None:
    page = page_of(example_dataset, "13011")
    assert "VOORBEELD" in Page(page.head().standalone()).text
    for section in (page.self_assessment(), page.housing(), page.process_log()):
        assert "verzonnen" in Page(section.standalone()).text
    assert "verzonnen" in page.self_assessment().standalone()


def test_real_figures_have_no_banner(dataset: Dataset) -> None:
    assert "VOORBEELD" not in page_of(dataset, "13011").show().standalone()


HOSTILE = '<i data-x>"$\\frac{1}{$\u202e'
"""Markup, formulas that matplotlib would set, and a mark that turns the text around."""


def test_names_labels_and_units_may_hold_anything(dataset: Dataset) -> None:
    framework = dataset.framework
    known = {
        part: {code: replace(entry, label=f"{code} {HOSTILE}") for code, entry in getattr(framework, part).items()}
        for part in ("dimensions", "indicators", "context")
    }
    worded = {code: replace(entry, unit=HOSTILE) for code, entry in known["indicators"].items()}
    named = dataset.municipalities.assign(name=dataset.names + HOSTILE)
    hostile = replace(
        dataset, tables=replace(dataset.tables, municipalities=named), kept={},
        framework=replace(framework, **known | {"indicators": worded}),
    )  # fmt: skip
    for page in (ProfilePage(subject(hostile, "13011")), RegionPage(region_subject(hostile, "neteland"))):
        html = page.show().standalone()
        assert html.count("&lt;i data-x&gt;") > 50
        assert "<i data-x" not in html
        assert "\u202e" not in html


def test_the_plain_text_of_a_view_holds_its_rounded_table(dataset: Dataset) -> None:
    text = repr(page_of(dataset, "13044").factors())
    score = dataset.scores["score"].loc["13044", ("informatie", "residents")]
    assert f"{score:.1f}" in text


def test_the_learning_section_names_only_clear_differences(dataset: Dataset) -> None:
    text = Page(page_of(dataset, "13011", group="flanders").learning().standalone()).text
    margins = re.findall(r"\+(\d+) \((−?\d+) tot (−?\d+)\)", text)
    assert len(margins) > 3
    assert all("−" not in low and int(low) <= int(middle) <= int(high) for middle, low, high in margins)


@pytest.fixture(scope="module")
def profile_of_vorselaar(dataset: Dataset) -> ProfilePage:
    return page_of(dataset, "13044")


def test_a_profile_shows_itself_in_a_notebook(profile_of_vorselaar: ProfilePage) -> None:
    assert "<h1>Vorselaar</h1>" in profile_of_vorselaar._repr_html_()
    assert repr(profile_of_vorselaar) == "Profile of 13044 Vorselaar in Neteland, compared with Neteland"


def test_the_caption_of_the_dot_plot_names_comparator_years_and_publishers(example_dataset: Dataset) -> None:
    (picture,) = (
        view for view in page_of(example_dataset, "13011", group="kempen").factors() if isinstance(view, Picture)
    )
    for words in ("referentieregio Kempen", "van 2023 tot 2026", "Statbel", "zelfinschatting", "logboek"):
        assert words in picture.caption


def test_no_caption_repeats_the_heading_above_it(example_dataset: Dataset) -> None:
    markup = page_of(example_dataset, "13011").show().standalone()
    pieces = re.findall(r"<(h[23]|caption)[^>]*>(.*?)</", markup)
    heading = ""
    for tag, words in pieces:
        assert tag != "caption" or words != heading
        heading = words if tag != "caption" else heading


def test_the_coverage_in_the_text_is_that_of_the_indicator_of_coverage(dataset: Dataset) -> None:
    for code in (MERGED, "13011", ALONE):
        text = Page(page_of(dataset, code).unknown().standalone()).text
        share = re.search(r"\((\d+).%\)", text)
        assert share is not None
        assert int(share.group(1)) == round(dataset.values.at[code, "ctx_data_coverage"])


def test_the_log_says_in_how_many_months_there_was_a_meeting(example_dataset: Dataset) -> None:
    page = page_of(example_dataset, "13011")
    log = log_of(example_dataset, "13011").meetings
    held = log[log["held"]]
    text = Page(page.process_log().standalone()).text
    assert f"{len(held)} van de {len(log)} overleggen" in text
    assert f"in {held['month'].nunique()} van de 12 maanden" in text


def test_the_log_names_roles_evaluations_and_feedback(example_dataset: Dataset) -> None:
    text = Page(page_of(example_dataset, "13011").process_log().standalone()).text
    assert "2 van de 4 partijen" not in text
    for words in ("bevoegde schepen", "afgerond, geëvalueerd", "teruggekoppeld op 30 aug 2025"):
        assert words in text


def test_a_map_explains_only_the_hatching_that_it_shows(dataset: Dataset) -> None:
    indicators = dataset.tables.indicators.copy()
    chosen = (indicators["indicator"] == "inf_decisions") & indicators["nis_code"].isin(["13011", "13012"])
    indicators.loc[chosen, "value"] = float("nan")
    indicators.loc[chosen & (indicators["nis_code"] == "13011"), "missing_reason"] = "suppressed"
    indicators.loc[chosen & (indicators["nis_code"] == "13012"), "missing_reason"] = "hidden"
    holed = replace(dataset, tables=replace(dataset.tables, indicators=indicators), kept={})
    for tables, expected in ((dataset, []), (holed, ["geen cijfer", "niet getoond"])):
        about = subject(tables, "13044")
        patches = class_patches(about, "inf_decisions")
        assert [str(patch.get_label()) for patch in patches if patch.get_hatch()] == expected


def test_nothing_is_called_invented_where_nothing_is_shown(example_dataset: Dataset) -> None:
    page = page_of(example_dataset, ALONE)
    for section in (page.self_assessment(), page.process_log(), page.housing()):
        assert 'class="synthetic"' not in section.standalone()


def test_a_page_of_ones_own_shows_the_sections_asked_for_in_their_order(dataset: Dataset, tmp_path: Path) -> None:
    page = page_of(dataset, "13011").with_sections("maps", ["key_messages"])
    saved = Page(page.save(tmp_path / "new" / "short.html").read_text(encoding="utf-8"))
    assert [name for name in saved.ids() if name in ORDER] == ["maps", "key"]
    assert set(saved.targets()) <= set(saved.ids())
    assert "Herentals" in saved.text


def test_a_saved_page_with_all_sections_is_the_document_of_its_views(dataset: Dataset, tmp_path: Path) -> None:
    page = page_of(dataset, "13011")
    saved = page.save(tmp_path / "whole.html").read_text(encoding="utf-8")
    assert all(view.html in saved for view in page.key_messages())


def test_a_section_that_is_not_there_is_refused_with_the_nearest(dataset: Dataset) -> None:
    with pytest.raises(UsageError, match="unknown section 'map'; did you mean 'maps'") as refused:
        page_of(dataset, "13011").with_sections("map", "housing", "housing")
    assert "housing is named 2 times" in str(refused.value)
