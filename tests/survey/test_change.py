import json

import numpy as np
import pandas as pd
import pytest

from resilience_analysis.foundation.errors import InputError
from resilience_analysis.survey.change import change, comparable, read_wordings
from resilience_analysis.survey.estimates import estimates
from resilience_analysis.survey.intervals import mean_interval

from .conftest import answers_table

ITEMS = [f"INF{n}" for n in range(1, 5)]
SAME = pd.DataFrame(
    [(wave, item, "x") for wave in ("2025", "2026") for item in ITEMS], columns=["wave", "item", "wording"]
)

# Enough different changes that no one's follow from the margin.
EARLIER, LATER = [1, 2, 3, 2, 1, 2, 3, 4, 2, 1, 2, 3], [3, 1, 2, 1, 1, 4, 4, 4, 1, 1, 2, 3]


def two_waves(earlier, later, names=("a", "a")):
    """Everybody gives one answer to all items of a wave."""
    waves = []
    for wave, answers, name in zip(("2025", "2026"), (earlier, later), names, strict=True):
        rows = [(f"{name}{n}", "13011", None, dict.fromkeys(ITEMS, answer)) for n, answer in enumerate(answers)]
        waves.append(answers_table(rows, wave=wave))
    return pd.concat(waves, ignore_index=True)


def changes(answers, instrument, wordings=SAME):
    table = estimates(answers, instrument)
    found = change(answers, table, wordings, instrument, earlier="2025", later="2026")
    return found[found["nis_code"] == "13011"].set_index("code")


def test_same_people_are_followed(instrument):
    row = changes(two_waves(EARLIER, LATER), instrument).loc["INF1"]
    steps = (np.array(LATER) - np.array(EARLIER)) / 3 * 100
    assert (row["method"], row["n_pairs"]) == ("paired", 12)
    assert row["change"] == round(steps.mean(), 1)
    _, margin = mean_interval(0, steps.std(ddof=1) / np.sqrt(12), 11, kind="t")
    assert row["high"] - row["change"] == pytest.approx(5 * np.ceil(margin / 5))
    assert row["change"] - row["low"] == pytest.approx(5 * np.ceil(margin / 5))


def test_other_people_are_compared_as_groups(instrument):
    row = changes(two_waves(EARLIER, LATER, names=("a", "b")), instrument).loc["INF1"]
    table = estimates(two_waves(EARLIER, LATER, names=("a", "b")), instrument)
    mine = table[(table["code"] == "INF1") & (table["nis_code"] == "13011") & (table["group"] == "all")]
    assert (row["method"], np.isnan(row["n_pairs"])) == ("unpaired", True)
    assert row["change"] == pytest.approx(np.diff(mine["mean_score"])[0])
    width = 1.959963984540054 * np.hypot(*mine["mean_score_se"])
    assert row["high"] - row["change"] == pytest.approx(width, abs=0.11)


def test_few_pairs_are_not_relied_on(instrument):
    answers = two_waves([1, 2, 3, 2, 1, 2, 3, 4, 2], [2, 2, 4, 3, 1, 3, 3, 4, 3])
    assert changes(answers, instrument).loc["INF1", "method"] == "unpaired"


@pytest.mark.parametrize(("newcomers", "method"), [(0, "paired"), (1, "unpaired"), (4, "unpaired"), (5, "paired")])
def test_a_followed_change_leaves_nobody_alone(instrument, newcomers, method):
    # The means of both waves, less the change of those who are followed, are the answers of the others.
    row = changes(two_waves(EARLIER, [*LATER, *[3, 4, 2, 1, 3][:newcomers]]), instrument).loc["INF1"]
    assert row["method"] == method


def test_a_followed_change_leaves_no_group_of_one_answer(instrument):
    assert changes(two_waves(EARLIER, [*LATER, *[4] * 6]), instrument).loc["INF1", "method"] == "unpaired"


def test_a_margin_that_tells_who_answered_what_twice_is_not_worked_out(instrument):
    # Who said 1 in the first wave is the one who said 1 in the second, when nobody changed at all.
    answers = [1, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4]
    assert changes(two_waves(answers, answers), instrument).loc["INF1", "method"] == "unpaired"


def test_all_together_are_followed_only_where_their_municipality_is(instrument):
    both, small = two_waves(EARLIER, LATER), [4, 4, 4]
    aside = two_waves(small, [1, 1, 1], names=("b", "b")).assign(nis_code="13029")
    answers = pd.concat([both, aside], ignore_index=True)
    found = change(answers, estimates(answers, instrument), SAME, instrument, earlier="2025", later="2026")
    of_all, of_large = (
        found[(found["code"] == "INF1") & place] for place in (found["nis_code"].isna(), found["nis_code"] == "13011")
    )
    assert of_all["n_pairs"].tolist() == of_large["n_pairs"].tolist() == [12]
    assert of_all["change"].tolist() == of_large["change"].tolist() == [round(100 / 3 / 12, 1)]


def test_dimension_changes_with_its_items(instrument):
    row = changes(two_waves([1] * 11 + [2], [2] * 11 + [4]), instrument).loc["informatie"]
    assert row["level"] == "dimension"
    assert row["change"] == pytest.approx((11 * 1 + 2) / 12 / 3 * 100, abs=0.11)


def test_other_wording_gives_no_change(instrument):
    wordings = SAME.assign(wording=SAME["wording"].where((SAME["wave"] == "2025") | (SAME["item"] != "INF2"), "y"))
    found = changes(two_waves([1, 2] * 6, [2, 3] * 6), instrument, wordings)
    assert found.loc["INF2", "why_not"] == "the wording differs between the waves"
    assert found.loc["informatie", "why_not"] == "the wording differs between the waves"
    assert found.loc["INF1", "why_not"] is None or pd.isna(found.loc["INF1", "why_not"])
    assert np.isnan(found.loc["INF2", "change"])


def test_suppressed_wave_gives_no_change(instrument):
    found = changes(two_waves([1, 2, 3, 4], [1, 2, 3, 4, 1, 2, 3]), instrument)
    assert found.loc["INF1", "why_not"] == "too few answers in one of the waves"
    assert found[["n_earlier", "change", "low"]].isna().all(axis=None)


def test_item_asked_once_is_not_compared(instrument):
    answers = two_waves([1, 2] * 6, [2, 3] * 6)
    answers = answers[(answers["wave"] == "2025") | (answers["item"] != "INF4")].reset_index(drop=True)
    found = changes(answers, instrument, SAME[SAME["item"] != "INF4"])
    assert found.loc["INF4", "why_not"] == "not asked in one of the waves"


def test_wording_is_the_same_only_when_all_imports_agree():
    rows = [
        ("2025", "INF1", "x"),
        ("2026", "INF1", "x"),
        ("2026", "INF1", "y"),
        ("2025", "INF2", "x"),
        ("2026", "INF3", "x"),
    ]
    wordings = pd.DataFrame([*rows, ("2025", "INF4", "x"), ("2026", "INF4", "x")], columns=["wave", "item", "wording"])
    assert comparable(wordings, "2025", "2026") == {"INF1": False, "INF2": False, "INF3": False, "INF4": True}


def import_of(folder, wave, wordings):
    folder.mkdir(parents=True)
    (folder / "answers.csv").write_text("")
    (folder / "import.json").write_text(json.dumps({"wave": wave, "wordings": wordings}))


def test_wordings_are_read_from_the_reports(tmp_path):
    import_of(tmp_path / "a", "2025", {"INF1": "x"})
    import_of(tmp_path / "b", "2026", {"INF1": "x", "INF2": "y"})
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "answers.csv").write_text("")
    assert read_wordings(tmp_path).to_numpy().tolist() == [
        ["2025", "INF1", "x"],
        ["2026", "INF1", "x"],
        ["2026", "INF2", "y"],
    ]


@pytest.mark.parametrize("text", ["{", "[]", '{"wave": "2025"}', '{"wave": "2025", "wordings": 3}'])
def test_report_of_another_shape_is_refused(tmp_path, text):
    import_of(tmp_path / "a", "2025", {})
    (tmp_path / "a" / "import.json").write_text(text)
    with pytest.raises(InputError, match=r"a/import\.json: is not a report of an import"):
        read_wordings(tmp_path)
