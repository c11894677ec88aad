import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience_analysis.batch.tasks import Failure, Outcome, Task, slug

TASK = Task("13011-herentals.nl", "Herentals", "profile.ipynb", {"nis_code": "13011"}, "nl")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Herentals", "herentals"),
        ("Sint-Niklaas", "sint-niklaas"),
        ("'s Gravenvoeren", "s-gravenvoeren"),
        ("Liège / Luik", "liege-luik"),
        ("../../etc/passwd", "etc-passwd"),
        ("🌍", ""),
    ],
)
def test_a_name_becomes_a_part_of_a_file_name(name, expected):
    assert slug(name) == expected


@given(st.text())
def test_no_name_leads_out_of_its_folder_or_is_hard_to_type(name):
    allowed = set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert set(slug(name)) <= allowed
    assert not slug(name).startswith("-")


def test_a_failure_names_its_cell_when_it_happened_in_one():
    assert str(Failure("exception", "KeyError: 'x'", 4)) == "cell 4: KeyError: 'x'"
    assert str(Failure("disk", "no room")) == "no room"


def test_an_outcome_is_made_the_same_or_failed():
    assert Outcome(TASK).state == "made"
    assert Outcome(TASK, same=True).state == "same"
    assert Outcome(TASK, failure=Failure("disk", "no room"), same=True).state == "failed"
