"""Attacks on releases of the same answers by other groupings: estimates, comparisons, builds and answers one by one.

What each shows is a sum over the groups of each municipality, which is all that a solver is given of the answers.
"""

from contextlib import suppress

import numpy as np
import pytest
from tests.self_assessment.test_several_releases import KINDS, added_up, build, pass_on
from tests.survey.attack import WIDTH, Reader, matrix, one_hot, together_of, what_follows
from tests.survey.regions import made_up_region

from resilience_analysis.foundation.errors import InputError, UsageError
from resilience_analysis.survey.issues import estimated
from resilience_analysis.survey.items import load_instrument
from resilience_analysis.survey.memory import record_of, remember_all
from resilience_analysis.survey.responses import from_table, write_answers
from resilience_analysis.survey.tables import estimate_file
from resilience_analysis.survey.weights import EstimateOptions

PEOPLE, ANSWERS = [0], range(1, WIDTH)


@pytest.fixture(scope="module")
def instrument():
    return load_instrument()


class Known:
    """The numbers of every group of a municipality, and which sums of them were shown."""

    def __init__(self, answers, code):
        people = answers.drop_duplicates("respondent").set_index("respondent")
        hot = one_hot(answers, people, code)
        self.sizes = people["nis_code"].value_counts()
        people = people.fillna(dict.fromkeys(("nis_code", *KINDS), "not_given"))
        self.code, self.areas, self.place, numbers = code, sorted(people["nis_code"].unique()), {}, []
        groups = [("nis_code", "all"), *((kind, f"{kind}:{name}") for kind in KINDS for name in people[kind].unique())]
        for area in self.areas:
            for kind, group in groups:
                inside = (people["nis_code"] == area) & ((group == "all") | (f"{kind}:" + people[kind] == group))
                if kind != "village" or group.endswith(":not_given") or inside.any():  # a village is of one of them
                    self.place[area, group] = len(numbers)
                    numbers.append([inside.sum(), *hot[inside.to_numpy()].sum(axis=0)])
        self.values, self.shown = np.array(numbers).ravel(), []

    def add(self, areas, group, numbers):
        cells = [self.place[area, group] for area in areas if (area, group) in self.place]
        self.shown += [[cell * WIDTH + number for cell in cells] for number in numbers if cells]

    def follows(self):
        """Return what a reader can work back."""
        cells, count = list(self.place), len(self.values)
        totals = [self.values[one].sum() for one in self.shown]
        ties = [dict.fromkeys(one, 1.0) | {count + n: -1.0} for n, one in enumerate(self.shown)]
        alone = [one[0] for one in self.shown if len(one) == 1]
        values = np.r_[self.values, totals].astype(float)
        known = np.arange(len(values)) >= count
        known[alone] = True
        low = np.where(known, values, 0)
        high = np.where(known, values, self.values.max())
        reader = Reader(cells, values, known, low, high, matrix([*added_up(cells, 0), *ties], len(values)))
        return [*what_follows(reader), *["undecided"] * reader.undecided]


def estimate(answers, by, gap, instrument, place):
    """Estimate as the command line does."""
    write_answers(place / "answers.csv", from_table(answers))
    found = estimate_file(place, EstimateOptions(by, gap=gap, total=True), instrument)
    issues = {record_of(place, wave): issue for wave, issue in estimated(found, by).items()}
    remember_all(issues, least=instrument.counting.suppress_below)
    return found.tables


def add_estimates(known, tables, by, gap):
    for table, numbers in ((tables["representation.csv"], PEOPLE), (tables["items.csv"], ANSWERS)):
        rows = table[(table["status"] != "suppressed") & (table.get("item", known.code) == known.code)]
        for name in rows["by"]:
            areas = [name] if by == "nis_code" and name != "total" else known.areas
            known.add(areas, "all" if by == "nis_code" or name == "total" else f"{by}:{name}", numbers)
    compared = tables["gap.csv"].query("code == @known.code")["status"].iloc[0] if gap else "suppressed"
    for name in gap.split(":")[1:] if compared != "suppressed" else ():
        known.add(known.areas, f"role:{name}", range(WIDTH))


def add_table(known, table):
    """Add what a build shows, or answers one by one."""
    for code, numbers in (("respondents", PEOPLE), (known.code, ANSWERS)):
        together = sorted(together_of(table, code, known.sizes))
        shown = table[(table["code"] == code) & (table["status"] != "suppressed")]
        for area, group in shown[["nis_code", "group"]].fillna("").itertuples(index=False):
            known.add([area] if area else together, group, numbers)


def sequence(instrument, seed, place, *, remembered=True):
    """Release made-up answers in six ways, in any order; return how many were and what follows."""
    random = np.random.default_rng(seed)
    answers = made_up_region(instrument, seed, items=1)
    codes = [code for code in answers["item"].unique() if not code.startswith("DT")]
    known = [Known(answers, code) for code in codes]
    roles = answers.drop_duplicates("respondent")["role"].value_counts().index
    released = 0
    for number, how in enumerate(random.permutation(["nis_code", *KINDS, "build", "export"]).tolist()):
        own = place if remembered else place / str(number)
        own.mkdir(parents=True, exist_ok=True)
        drop = [kind for kind in KINDS if random.random() < 0.8]
        gap = f"role:{roles[0]}:{roles[1]}" if len(roles) > 1 and random.random() < 0.3 else ""
        with suppress(InputError, UsageError):  # what would tell too much is refused
            found = None
            if how == "build":
                found = build(answers, instrument, own)
            elif how == "export":
                found = pass_on(answers, instrument, own, drop)
            else:
                found = estimate(answers, how, gap, instrument, own)
        released += found is not None
        for one in known if found is not None else ():
            add_table(one, found) if how in {"build", "export"} else add_estimates(one, found, how, gap)
    return released, [what for one in known for what in one.follows()]


def test_other_groupings_tell_of_few_people_together_unless_they_are_remembered(instrument, tmp_path):
    assert sequence(instrument, 45, tmp_path / "forgotten", remembered=False)[1]
    released, found = sequence(instrument, 1, tmp_path / "remembered")
    assert (released > 1, found) == (True, [])


def test_a_comparison_by_another_column_is_judged_beside_its_own_estimates(instrument, tmp_path):
    # Of all one person said 4: in one village, and of one of the roles that are compared.
    assert sequence(instrument, 4, tmp_path)[1] == []


@pytest.mark.trial
def test_hundred_sequences_of_other_groupings_tell_nothing_together(instrument, tmp_path):
    ends = [sequence(instrument, seed, tmp_path / str(seed)) for seed in range(100)]
    assert [found for _, found in ends if found] == []
    assert sum(released > 1 for released, _ in ends) > 10
