"""What a second release would tell beside the first, and what is remembered to know it."""

import json
import multiprocessing
import stat
import string
import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience_analysis.foundation.errors import InputError
from resilience_analysis.foundation.locks import LOCK, locked
from resilience_analysis.survey.estimates import estimates
from resilience_analysis.survey.issues import exported, issues
from resilience_analysis.survey.memory import record_of, remember, tables_of, told_beside, unlink
from resilience_analysis.survey.responses import from_table

from .conftest import answers_table
from .subtraction import World, groups_that_follow, told_by_subtraction


def people(count, role="inwoner", *, place="13011", start=0):
    return [
        (f"{role}{place}{n}", place, role, {"INF1": 1 + n % 4, "INF2": 1 + (n // 2) % 4, "LER1": 1 + n % 3})
        for n in range(start, start + count)
    ]


def issue_of(instrument, *rows):
    answers = answers_table([row for part in rows for row in part])
    return issues(answers, estimates(answers, instrument), instrument)["2026"]


@pytest.mark.parametrize(("more", "told"), [(4, True), (5, False)])
def test_second_release_with_few_more_people_tells_of_them(tmp_path, instrument, more, told):
    record = tmp_path / "r.json"
    remember(record, issue_of(instrument, people(12)), least=5)
    assert bool(told_beside(record, issue_of(instrument, people(12 + more)), least=5)) is told


def test_five_more_people_in_two_roles_tell_of_each(tmp_path, instrument):
    record = tmp_path / "r.json"
    remember(record, issue_of(instrument, people(12), people(12, "ambtenaar")), least=5)
    assert told_beside(record, issue_of(instrument, people(14), people(15, "ambtenaar")), least=5)
    assert not told_beside(record, issue_of(instrument, people(17), people(17, "ambtenaar")), least=5)


def test_five_more_people_of_whom_few_answered_a_statement_tell_what_they_said(tmp_path, instrument):
    record = tmp_path / "r.json"
    remember(record, issue_of(instrument, people(12)), least=5)
    silent = [
        (*one[:3], {**one[3], "LER1": "empty"}) if number < 2 else one for number, one in enumerate(people(5, start=12))
    ]
    assert told_beside(record, issue_of(instrument, people(12), silent), least=5)


def test_changed_answer_of_one_person_is_told(tmp_path, instrument):
    record, other = tmp_path / "r.json", people(12)
    remember(record, issue_of(instrument, other), least=5)
    other[3] = (*other[3][:3], {**other[3][3], "INF2": 4 - other[3][3]["INF2"] + 1})
    assert told_beside(record, issue_of(instrument, other), least=5)


def test_answers_one_by_one_and_estimates_are_compared_with_each_other(tmp_path, instrument):
    record = tmp_path / "r.json"
    small, large = people(12), people(12, place="13029")
    # one person gave no municipality: estimates leave that person out, answers one by one do not
    answers = answers_table([*small, *large, ("x", None, "inwoner", {"INF1": 2, "INF2": 2, "LER1": 2})])
    remember(record, issues(answers, estimates(answers, instrument), instrument)["2026"], least=5)
    one_by_one = exported(from_table(answers), ["role"], ["role", "INF1"], ["INF1"])["2026"]
    assert told_beside(record, one_by_one, least=5)


def test_record_is_for_its_owner_and_holds_no_answer_in_clear(tmp_path, instrument):
    folder = tmp_path / "private" / "2026"
    folder.mkdir(parents=True)
    record = record_of(folder, "2026")
    assert remember(record, issue_of(instrument, people(12)), least=5, tables={"estimates": "n\n12\n"})
    assert record.parent == tmp_path / "private" / "releases"
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    assert stat.S_IMODE(record.parent.stat().st_mode) == 0o700
    text = record.read_text()
    assert "inwoner130110" not in text
    assert "INF1=" not in text
    assert tables_of(record) == {"estimates": "n\n12\n"}


def test_refused_release_leaves_the_record_as_it_was(tmp_path, instrument):
    record = tmp_path / "r.json"
    remember(record, issue_of(instrument, people(12)), least=5)
    before = record.read_bytes()
    with pytest.raises(InputError, match="in every group that is shown, at least 5 more people"):
        remember(record, issue_of(instrument, people(13)), least=5)
    assert record.read_bytes() == before


@pytest.mark.parametrize("lacking", ["what", "marks", "groups", "shown"])
def test_record_that_lacks_something_is_refused_in_words(tmp_path, instrument, lacking):
    record, issue = tmp_path / "r.json", issue_of(instrument, people(12))
    remember(record, issue, least=5)
    known = json.loads(record.read_text())
    del known["released"][0][lacking]
    record.write_text(json.dumps(known))
    with pytest.raises(InputError, match=r"r\.json: is not a record of what was released"):
        told_beside(record, issue, least=5)


def test_forgotten_person_leaves_no_trace_and_is_still_compared(tmp_path, instrument):
    record = tmp_path / "r.json"
    first = issue_of(instrument, people(12))
    remember(record, first, least=5)
    before = record.read_text()
    unlink(record, [first.contents[0]])
    assert record.read_text() != before
    assert told_beside(record, first, least=5)  # the person is known no longer, and would be one more and one less
    assert told_beside(record, issue_of(instrument, people(12)[1:]), least=5)


@pytest.mark.parametrize(("answer", "told"), [(4, True), (1, False)])
def test_who_left_is_hidden_by_those_who_came_and_answered_the_same(tmp_path, instrument, answer, told):
    # Nobody who came said 4; the last of who was there has left.
    record, before = tmp_path / "r.json", people(12)
    before[-1] = (*before[-1][:3], dict.fromkeys(("INF1", "INF2", "LER1"), answer))
    came = [(f"c{n}", "13011", "inwoner", {"INF1": 1 + n % 3, "INF2": 1 + n % 2, "LER1": 1 + n % 3}) for n in range(15)]
    remember(record, issue_of(instrument, before), least=5)
    assert bool(told_beside(record, issue_of(instrument, before[:-1], came), least=5)) is told


def test_municipality_that_comes_later_does_not_tell_its_roles_by_those_of_all_together(tmp_path, instrument):
    record = tmp_path / "r.json"
    first = [*people(20), *people(12, "ambtenaar"), *people(12, "mandataris")]
    later = [
        *people(20, place="13029"),
        *people(3, "ambtenaar", place="13029"),
        *people(4, "mandataris", place="13029"),
    ]
    remember(record, issue_of(instrument, first), least=5)
    assert told_beside(record, issue_of(instrument, first, later), least=5)
    enough = [*people(20, place="13029"), *people(7, "ambtenaar", place="13029")]
    assert not told_beside(record, issue_of(instrument, first, enough), least=5)


def test_people_who_came_and_all_answered_alike_are_told_of(tmp_path, instrument):
    alike = [(f"x{n}", "13011", "inwoner", dict.fromkeys(("INF1", "INF2", "LER1"), 4)) for n in range(7)]
    for number, (more, told) in enumerate([(alike, True), (people(7, start=12), False)]):
        record = tmp_path / f"{number}.json"
        remember(record, issue_of(instrument, people(12)), least=5)
        assert bool(told_beside(record, issue_of(instrument, people(12), more), least=5)) is told


def smallest(releases):
    return min(map(len, groups_that_follow(releases)))


@given(st.sets(st.sampled_from(string.ascii_letters), min_size=10), st.sets(st.sampled_from(string.ascii_letters)))
def test_a_reader_finds_who_came_and_who_went_by_subtracting(before, fresh):
    came, went = len(fresh - before), len(before - fresh)
    found = smallest([{"1|all": frozenset(before)}, {"1|all": frozenset(fresh)}])
    assert found == min(number for number in (came + went, len(before), len(fresh)) if number)


def released_one_after_another(seed, folder):
    """Return the releases that a memory allows, and whether one was refused that subtraction tells."""
    world, allowed, refused = World(seed), [], False
    for _ in range(4):
        issue = world.issue()
        if any(told_by_subtraction([issue])):  # groups were hidden at will
            continue
        try:
            remember(folder / f"{seed}.json", issue, least=5)
        except InputError:
            refused |= any(told_by_subtraction([*allowed, issue]))
        else:
            allowed.append(issue)
    return allowed, refused


@pytest.mark.parametrize("seeds", [range(8), pytest.param(range(8, 400), marks=pytest.mark.trial)])
def test_releases_that_are_allowed_tell_nothing_by_subtraction(tmp_path, seeds):
    # By role and by an age that only one table knows, with changes of people who are followed; people come and leave.
    ends = [released_one_after_another(seed, tmp_path) for seed in seeds]
    assert [what for allowed, _ in ends for what in told_by_subtraction(allowed)] == []
    assert sum(refused for _, refused in ends) > 3
    assert sum(len(allowed) > 1 for allowed, _ in ends) > 0


def release(record, issue, start, told):
    start.wait()
    try:
        told.put(remember(record, issue, least=5))
    except InputError:
        told.put("refused")


def test_of_two_releases_at_the_same_moment_that_tell_of_few_together_one_is_refused(tmp_path, instrument):
    record, made = tmp_path / "releases" / "r.json", multiprocessing.get_context("fork")
    start, told = made.Event(), made.Queue()
    both = [issue_of(instrument, people(12 + more)) for more in (0, 2)]
    workers = [made.Process(target=release, args=(record, issue, start, told)) for issue in both]
    for worker in workers:
        worker.start()
    start.set()
    assert sorted(str(told.get(timeout=60)) for _ in workers) == ["True", "refused"]
    for worker in workers:
        worker.join()
    assert len(json.loads(record.read_text())["released"]) == 1


def hold(folder, taken):
    with locked(folder):
        taken.set()
        time.sleep(0.5)
        (folder / "done").touch()


def test_a_locked_folder_is_waited_for(tmp_path):
    made = multiprocessing.get_context("fork")
    taken = made.Event()
    holder = made.Process(target=hold, args=(tmp_path, taken))
    holder.start()
    assert taken.wait(60)
    with locked(tmp_path):
        assert (tmp_path / "done").exists()
    holder.join()
    assert not (tmp_path / LOCK).exists()


def weighed(issue, kinds):
    return replace(issue, alike=np.array(kinds))


@pytest.mark.parametrize(
    ("second", "told"),
    [([0] * 12 + [1] * 12, False), ([1] * 12 + [0] * 12, False), ([0, 1] * 12, True), ([0] * 11 + [1] * 13, True)],
)
def test_a_second_release_with_weights_that_tell_other_people_apart_is_refused(tmp_path, instrument, second, told):
    record, issue = tmp_path / "r.json", issue_of(instrument, people(24))
    assert remember(record, issue, least=5)
    assert remember(record, weighed(issue, [0] * 12 + [1] * 12), least=5)  # beside one without weights
    if told:
        with pytest.raises(InputError, match="tell other people apart"):
            remember(record, weighed(issue, second), least=5)
    else:
        assert remember(record, weighed(issue, second), least=5)
