"""Questions follow from the figures by rule; the file that holds them is refused with every fault."""

from __future__ import annotations

import pytest
import yaml
from tests.datasets import FIVE
from tests.small import both

from resilience_analysis.foundation.errors import InputError
from resilience_analysis.foundation.project import find_project
from resilience_analysis.geography.groups import members
from resilience_analysis.indicators.framework import load_framework
from resilience_analysis.profiles.next_steps import FILE_NAME, STATES, read_next_steps, states
from resilience_analysis.profiles.rows import comparator, factor_facts

FRAMEWORK = load_framework()
NAN = float("nan")


@pytest.fixture
def content():
    return yaml.safe_load(find_project().definition(FILE_NAME).read_text(encoding="utf-8"))


@pytest.fixture
def refusal(tmp_path):
    """Write the file, read it and give what is wrong with it."""

    def read(written) -> list[str]:
        (tmp_path / FILE_NAME).write_text(yaml.safe_dump(written), encoding="utf-8")
        with pytest.raises(InputError) as raised:
            read_next_steps(tmp_path / FILE_NAME, FRAMEWORK)
        return [str(problem) for problem in raised.value.problems]

    return read


def test_the_package_has_a_question_for_every_factor_and_state():
    steps = read_next_steps(find_project().definition(FILE_NAME), FRAMEWORK)
    for factor in FRAMEWORK.dimensions:
        assert set(steps.questions[factor]) == set(STATES)
        assert all(text["nl"].endswith("?") and text["en"].endswith("?") for text in steps.questions[factor].values())
    assert all(text["nl"].endswith("?") and text["en"].endswith("?") for text in steps.ask.values())


def test_an_offer_of_one_province_is_for_its_own_municipalities_alone(dataset):
    steps = read_next_steps(find_project().definition(FILE_NAME), FRAMEWORK)
    provinces = dataset.municipalities["province"]
    for offer in steps.support:
        for code in dataset.everywhere:
            assert (code in members(offer["places"], dataset.municipalities)) == (provinces[code] == "Antwerpen")
    neteland, *_ = steps.contacts
    assert set(members(neteland["places"], dataset.municipalities)) == set(FIVE)


@pytest.mark.parametrize(
    ("score", "low", "high", "median", "state"),
    [
        (40, 35, 45, 50, "below"),
        (60, 55, 65, 50, "above"),
        (52, 45, 59, 50, "unsure"),
        (45, 40, 50, 50, "unsure"),
        (NAN, NAN, NAN, 50, "unknown"),
        (40, 35, 45, NAN, "unknown"),
        (40, NAN, NAN, 50, "below"),
        (50, NAN, NAN, 50, "unsure"),
    ],
)
def test_a_state_is_clear_only_when_the_whole_margin_is(score, low, high, median, state):
    row = {"dimension": "leren", "strand": "residents", "score": score, "low": low, "high": high, "all_median": median}
    other = row | {"strand": "register", "score": 0.0, "low": 0.0, "high": 0.0}
    assert states([dict(other), dict(row)]) == {"leren": state}


def test_every_municipality_has_a_state_for_every_factor(dataset):
    found = states(factor_facts(dataset, "46030", comparator(dataset, "flanders")))
    assert list(found) == list(FRAMEWORK.dimensions)
    assert "unknown" not in found.values()  # it merged after the survey, whose percentages were put together


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"questions": None}, "next.yml: questions is missing"),
        ({"question": {}}, "next.yml: unknown field 'question'; did you mean 'questions'?"),
        ({"support": "package"}, "next.yml, support: must be a list"),
        ({"support": ["package"]}, "next.yml, support, entry 1: must be a mapping of fields"),
        ({"support": [{"title": both("x")}]}, "next.yml, support, entry 1: offers is missing"),
        (
            {"support": [{"title": both("x"), "places": {"same": "province"}, "offers": []}]},
            "next.yml, support, entry 1, places: unknown field 'same'",
        ),
        (
            {"support": [{"title": both("x"), "offers": [{"name": both("x"), "text": both("x"), "link": "page"}]}]},
            "next.yml, support, entry 1, offers, entry 1, link: 'page' is not an address that begins with https://",
        ),
        (
            {"contacts": [{"name": both("x"), "about": both("x"), "email": "x"}]},
            "next.yml, contacts, entry 1, email: 'x' is not an e-mail address",
        ),
        ({"glossary": [{"text": both("x")}]}, "next.yml, glossary, entry 1: term is missing"),
        ({"ask": {"lernen": both("x")}}, "next.yml, ask: unknown dimension 'lernen'; did you mean 'leren'?"),
        ({"testimonials": {"13011": "fine"}}, "next.yml, testimonials, 13011: must be a mapping of fields: who, text"),
        ({"testimonials": {"13011": {"who": "x"}}}, "next.yml, testimonials, 13011: text is missing"),
    ],
)
def test_a_fault_of_the_file_is_named(content, refusal, change, fault):
    assert refusal(content | change)[0].startswith(fault)


@pytest.mark.parametrize("written", [None, ["a"], "words"])
def test_a_file_that_is_no_mapping_is_refused(refusal, written):
    assert refusal(written) == ["next.yml: must be a mapping of fields: questions"]


def test_a_factor_or_state_without_question_is_named(content, refusal):
    del content["questions"]["leren"]["unsure"]
    content["questions"]["schaal"]["above"] = {"nl": "alleen?"}
    content["questions"]["lernen"] = {}
    first, *rest = refusal(content)
    assert first.startswith("next.yml, questions: unknown dimension 'lernen'; did you mean 'leren'?")
    assert sorted(rest) == sorted(
        [
            "next.yml, questions, leren: unsure is missing",
            "next.yml, questions, schaal, above: has no wording in en",
            *(f"next.yml, questions, lernen: {state} is missing" for state in STATES),
        ]
    )


def test_a_factor_without_questions_is_named_and_a_file_without_any_is_fine(content, refusal, tmp_path):
    assert refusal(content | {"questions": {"leren": content["questions"]["leren"]}}) == [
        f"next.yml, questions: {code} is missing" for code in FRAMEWORK.dimensions if code != "leren"
    ]
    (tmp_path / FILE_NAME).write_text("questions: {}", encoding="utf-8")
    assert read_next_steps(tmp_path / FILE_NAME, FRAMEWORK).questions == {}
