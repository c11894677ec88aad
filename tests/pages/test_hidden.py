"""Why answers are not shown, and what stands beside an indicator, in the words of a page."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest

from resilience_analysis.pages.sections.factor_details import factor, spine_row
from resilience_analysis.pages.sections.self_assessment import self_assessment
from resilience_analysis.pages.subject import Subject, subject
from resilience_analysis.profiles.dataset import Dataset

REASONS = ("too_few", "would_disclose")


def _hidden(dataset: Dataset, because: str) -> Dataset:
    """Return a dataset in which the answers of Olen are suppressed for one reason."""
    table = dataset.tables.estimates.copy()
    mine = table["nis_code"] == "13029"
    numbers = table.select_dtypes("number").columns
    table[numbers] = table[numbers].astype(float).mask(mine)
    table.loc[mine, ["status", "hidden_because"]] = ["suppressed", because]
    return replace(dataset, tables=replace(dataset.tables, estimates=table))


@pytest.mark.parametrize("language", ["nl", "en", "fr"])
@pytest.mark.parametrize("because", REASONS)
def test_a_page_says_why_answers_are_hidden_and_not_the_other_reason(
    example_dataset: Dataset, because: str, language: str
) -> None:
    about = subject(_hidden(example_dataset, because), "13029", language=language)
    said = " ".join(unescape(self_assessment(about).standalone()).split())
    words = {"too_few": "self_assessment.hidden", "would_disclose": "self_assessment.hidden_for_another"}
    for reason, key in words.items():
        assert (" ".join(about.texts(key, place=about.place).split()) in said) == (reason == because)


def _beside(about: Subject) -> dict[str, str]:
    framework = about.data.framework
    named = [entry for entry in framework.indicators.values() if entry.statement and entry.id in about.data.known]
    return {entry.id: str(spine_row(about, entry)["statement"]) for entry in named}


@pytest.mark.parametrize("language", ["nl", "en", "fr"])
def test_a_statement_stands_beside_its_indicator_with_the_share_that_agrees_and_never_where_it_is_hidden(
    example_dataset: Dataset, language: str
) -> None:
    about = subject(example_dataset, "13029", language=language)
    items = {item.id: item for section in about.data.instrument.dimensions for item in section.items}
    said = _beside(about)
    assert any(said.values())
    for code, text in ((code, text) for code, text in said.items() if text):
        entry = about.data.framework.indicators[code]
        row = about.estimates.query("code == @entry.statement").iloc[-1]
        assert items[entry.statement].texts[language] in text
        assert about.texts.value(row["share_agree"], "%") in text
        assert text in unescape(factor(about, entry.dimension).html)
    hidden = subject(_hidden(example_dataset, "too_few"), "13029", language=language)
    assert not any(_beside(hidden).values())
