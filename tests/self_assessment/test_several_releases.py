"""Attacks on several releases of one wave, as builds and exports publish them, with people who came and who left.

What was published of each is written down for a solver, with the people of every pattern of coming and leaving apart.
"""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from tests.survey.attack import WIDTH, Reader, lines_of, matrix, members, one_hot, readers, what_follows
from tests.survey.regions import made_up_region

from resilience_analysis.foundation.errors import InputError
from resilience_analysis.self_assessment.standing import ReleasedAnswers
from resilience_analysis.survey.bygroup import ITEM
from resilience_analysis.survey.estimates import estimates
from resilience_analysis.survey.items import load_instrument
from resilience_analysis.survey.sharing import export_answers

NO_CHANGES = pd.DataFrame({name: pd.Series(dtype=object) for name in ("earlier", "later", "method")})
KINDS = ("village", "role", "background")


@pytest.fixture(scope="module")
def instrument():
    return load_instrument()


def build(answers, instrument, place):
    """Publish a wave as a build does; return its table, None where what was published before stands."""
    source, table = ReleasedAnswers(place, answers, instrument), estimates(answers, instrument)
    stands = source.standing(table)
    if stands.estimates:
        return None
    table = stands.over(table)
    source.remember(table, NO_CHANGES, stands)
    return table


def pass_on(answers, instrument, place, drop):
    """Pass answers on one by one; return what that shows as a table of estimates, None where it is refused."""
    try:
        export_answers(place / "out.csv", answers, instrument, drop=drop, beside=place)
    except InputError:
        return None
    table = estimates(answers, instrument, internal=True)
    table = table[table["nis_code"].notna()]
    shown = ~table["group"].str.split(":").str[0].isin(drop)
    if "role" in drop:  # then answers about the village team are left out
        shown &= ~table["code"].str.startswith("DT")
    return table.assign(status=np.where(shown, "ok", "suppressed"), hidden_because=None)


def together(released, instrument):
    """Return what follows from several releases, each the answers and what was published of them."""
    everybody = pd.concat([answers for answers, _ in released]).drop_duplicates(["respondent", "item"])
    people = everybody.drop_duplicates("respondent").set_index("respondent")
    present = np.array([people.index.isin(answers["respondent"]) for answers, _ in released])
    codes = sorted(set(released[0][1].loc[released[0][1]["level"] == ITEM, "code"]))
    of_each = [readers(answers, table, codes) for answers, table in released]
    groups = pd.concat([table[["nis_code", "group"]] for _, table in released]).dropna().drop_duplicates()
    inside = members(people, groups)
    found = []
    for number, code in enumerate(codes):
        hot = one_hot(everybody, people, code)
        found += attacked([one[number] for one in of_each], present, inside, hot)
    return found


def attacked(known, present, inside, hot):
    """Return what follows of one statement: every release is the sum of those who are in it."""
    cells, parts = list(inside), [part for part in np.unique(present.T, axis=0) if part.any()]
    starts = np.cumsum([0, *(len(one.values) for one in known), *[len(cells) * WIDTH] * len(parts)]).tolist()
    values, ties = [one.values for one in known], []
    for one, start in zip(known, starts, strict=False):
        own = one.rows.tocsr()
        ties += [{start + int(at): factor for at, factor in zip(row.indices, row.data, strict=True)} for row in own]
    for part, start in zip(parts, starts[len(known) :], strict=False):
        mine = (present == part[:, None]).all(axis=0)
        counts = np.array([hot[mine & own].sum(axis=0) for own in inside.values()])
        values.append(np.hstack([counts.sum(axis=1)[:, None], counts]).ravel())
        ties += added_up(cells, start)
    for number, (one, start) in enumerate(zip(known, starts, strict=False)):
        of = [own for own, part in zip(starts[len(known) :], parts, strict=False) if part[number]]
        ties += parts_of(one.cells, cells, start, of)
    free = np.zeros(starts[-1] - starts[len(known)])
    joint = Reader(
        [cell for one in (*(one.cells for one in known), *[cells] * len(parts)) for cell in one],
        np.concatenate(values),
        np.concatenate([*(one.known for one in known), free.astype(bool)]),
        np.concatenate([*(one.low for one in known), free]),
        np.concatenate([*(one.high for one in known), free + max(one.high.max() for one in known)]),
        matrix(ties, starts[-1]),
    )
    found = what_follows(joint)
    return [*found, *["undecided"] * joint.undecided]


def added_up(cells, start):
    """Return what adds up in a table of everybody in it: answers to people, and groups to their municipality."""
    ties = []
    for at in range(start, start + len(cells) * WIDTH, WIDTH):
        ties.append({at: -1.0} | dict.fromkeys(range(at + 1, at + WIDTH), 1.0))
    for below, total, _ in lines_of(cells):
        for n in range(start, start + WIDTH):
            ties.append({n + total * WIDTH: -1.0} | {n + at * WIDTH: 1.0 for at in below})
    return ties


def parts_of(own, cells, start, starts):
    """Return that the numbers of a release are the sums of those of its people, none where it has no such group."""
    place, ties = {cell: number for number, cell in enumerate(own)}, []
    for at, cell in enumerate(cells):
        for n in range(WIDTH):
            total = {start + place[cell] * WIDTH + n: -1.0} if cell in place else {}
            ties.append(total | {part + at * WIDTH + n: 1.0 for part in starts})
    return ties


def steps(answers, seed):
    """Return the answers of three releases: whole municipalities or some people come later, some people leave."""
    random = np.random.default_rng(seed)
    people = answers.drop_duplicates("respondent").set_index("respondent")["nis_code"]
    places = random.permutation(people.unique()).tolist()
    first, second = (set(people.index[people.isin(places[:number])]) for number in (2 if len(places) > 2 else 1, 1))
    some = set(random.permutation(people.index)[: int(random.integers(1, 25))])
    gone = set(random.permutation(people.index)[: int(random.choice([1, 6, 12]))])
    away = [(first, second, set()), (first, first & some, set()), (some, set(), gone), (first, first | gone, gone)][
        seed % 4
    ]
    return [answers[~answers["respondent"].isin(one)] for one in away]


def sequence(instrument, seed, place):
    """Publish a made-up wave three times and pass its answers on; return how each ended and what follows."""
    random = np.random.default_rng(seed)
    answers = made_up_region(instrument, seed, items=1)
    ends, released = [], []
    for own in steps(answers, seed):
        if own.empty:
            continue
        table = build(own, instrument, place)
        ends.append("stands" if table is None else "published")
        if table is not None:
            released.append((own, table))
    drop = [name for name in KINDS if random.random() < 0.8]
    one_by_one = pass_on(own, instrument, place, drop)
    ends.append("refused" if one_by_one is None else "passed on")
    if one_by_one is not None:
        released.append((own, one_by_one))
    return ends, together(released, instrument) if len(released) > 1 else []


@pytest.mark.trial
def test_attack_finds_who_came_where_nothing_is_remembered(instrument):
    answers = made_up_region(instrument, 0, items=1)
    released = [(own, estimates(own, instrument)) for own in steps(answers, 0)[:2]]
    assert "undecided" not in together(released, instrument)
    assert together(released, instrument)


@pytest.mark.parametrize("seed", [4, 54])
def test_municipality_that_comes_later_is_published_and_tells_no_more(instrument, tmp_path, seed):
    # In the first all who came answered a statement alike; in the second few of them have two roles.
    answers = made_up_region(instrument, seed, items=1)
    late = answers["nis_code"].iloc[0]
    parts = [answers[answers["nis_code"] != late], answers]
    tables = [build(own, instrument, tmp_path) for own in parts]
    people = tables[1].query("level == 'respondents' and group == 'all'").set_index("nis_code")["n"]
    assert people[late] >= 5
    assert together(list(zip(parts, tables, strict=True)), instrument) == []


def test_a_group_says_why_it_is_hidden_also_where_what_was_hidden_before_stays_so(instrument, tmp_path):
    # By itself the third release shows Bouwel, and "too few" of the two other groups would tell that each has four.
    answers = made_up_region(instrument, 81, items=1)
    table = [build(own, instrument, tmp_path) for own in steps(answers, 81)][-1]
    people = answers.drop_duplicates("respondent").query("nis_code == '13010'")["village"].value_counts()
    of_villages = table[(table["nis_code"] == "13010") & (table["code"] == "respondents")].set_index("group")
    why = {village: of_villages.loc[f"village:{village}", "hidden_because"] for village in people.index}
    assert why == {village: "too_few" if number < 5 else "would_disclose" for village, number in people.items()}


@pytest.mark.trial
def test_answers_that_are_passed_on_after_three_releases_tell_nothing_beside_them(instrument, tmp_path):
    ends, found = sequence(instrument, 111, tmp_path)
    assert (ends, found) == ([*["published"] * 3, "passed on"], [])


@pytest.mark.trial
@pytest.mark.parametrize("part", range(4))
def test_releases_one_after_another_tell_nothing_together(instrument, tmp_path, part):
    seen: Counter[str] = Counter()
    for seed in range(part * 50, part * 50 + 50):
        place = tmp_path / str(seed) / "private"  # each with a memory of its own: what was published is kept beside it
        place.mkdir(parents=True)
        ends, found = sequence(instrument, seed, place)
        assert found == [], seed
        seen.update(ends)
    assert min(seen[end] for end in ("published", "stands", "refused", "passed on")) > 0
