"""The words of the region's own registers are refused with every fault before anything is read with them."""

from __future__ import annotations

import pytest
import yaml
from tests.small import both

from resilience_analysis.data.register_words import LOCAL_FILE, read_words
from resilience_analysis.foundation.errors import InputError
from resilience_analysis.foundation.project import find_project


@pytest.fixture
def words():
    return yaml.safe_load(find_project().definition(LOCAL_FILE).read_text(encoding="utf-8"))


@pytest.fixture
def refusal(tmp_path):
    """Write the words, read them and give what is wrong with them."""

    def read(content) -> list[str]:
        (tmp_path / LOCAL_FILE).write_text(yaml.safe_dump(content), encoding="utf-8")
        with pytest.raises(InputError) as raised:
            read_words(tmp_path / LOCAL_FILE)
        return [str(problem) for problem in raised.value.problems]

    return read


def test_the_words_of_the_package_are_sound(words):
    read = read_words(find_project().definition(LOCAL_FILE))
    for section, vocabularies in {"housing": ("types", "phases"), "process": ("types", "statuses", "roles")}.items():
        for name in vocabularies:  # words in other languages are added from files of their own
            own = {word: {key: text[key] for key in ("nl", "en")} for word, text in read[section][name].items()}
            assert own == words[section][name]


@pytest.mark.parametrize("content", [None, [], "words", {}, {"housing": {}}, {"housing": {}, "process": []}])
def test_words_without_their_sections_are_refused(refusal, content):
    no_mapping = "must be a mapping of fields: example, housing, process"
    missing = ["example is missing", "housing is missing", "process is missing", no_mapping]
    assert set(refusal(content)) <= {f"local.yml: {what}" for what in missing} | {
        "local.yml, process: must be a mapping of fields: file, example, types, statuses, phases and others",
        *(f"local.yml, housing: {name} is missing" for name in ("file", "example", "types", "phases")),
    }


@pytest.mark.parametrize(
    ("place", "value", "fault"),
    [
        ("housing.file", None, "local.yml, housing: file is missing"),
        ("process.example", 3, "local.yml, process, example: 3 is not a file below data/raw"),
        ("housing.types", ["a"], "local.yml, housing, types: must be a mapping of 1 or more"),
        ("housing.completed", ["klaar"], "local.yml, housing, completed: unknown word 'klaar'"),
        ("housing.balance", "no", "local.yml, housing, balance: must be a mapping of fields"),
        ("process.statuses", {}, "local.yml, process, statuses: must be a mapping of 1 or more"),
        ("process.roles", {"x": {"nl": "x"}}, "local.yml, process, roles, x: has no wording in en"),
        ("process.held", ["gehuoden"], "local.yml, process, held: unknown word 'gehuoden'; did you mean 'gehouden'?"),
        ("process.done", "ja", "local.yml, process, done: must be a list of 1 or more"),
        ("process.teams", [], "local.yml, process, teams: must be a list of 1 or more"),
        (
            "process.feedback_within_days",
            0,
            "local.yml, process, feedback_within_days: 0 is not a whole number",
        ),
    ],
)
def test_a_fault_of_the_words_is_named_with_its_place(words, refusal, place, value, fault):
    section, key = place.split(".")
    words[section][key] = value
    (found,) = refusal(words)
    assert found.startswith(fault)


def test_the_switch_for_examples_is_true_or_false(words, refusal):
    assert refusal(words | {"example": "no"}) == ["local.yml, example: 'no' is not true or false"]


def test_an_unknown_section_is_named(words, refusal):
    assert refusal(words | {"housnig": both("x")})[0].startswith(
        "local.yml: unknown field 'housnig'; did you mean 'housing'"
    )
