from resilience_analysis.batch.stale import in_order
from resilience_analysis.batch.tasks import Task


def tasks(*stems):
    return [Task(stem, stem, "profile.ipynb", {}, "nl") for stem in stems]


def stems(ordered):
    return [task.stem for task in ordered]


def test_the_costliest_known_come_first():
    costs = {"a": 1.0, "b": 3.0, "c": 2.0}
    assert stems(in_order(tasks("a", "b", "c"), dict.fromkeys("abc", "one"), costs)) == ["b", "c", "a"]


def test_a_report_never_made_counts_for_the_mean():
    costs = {"a": 1.0, "b": 3.0}
    assert stems(in_order(tasks("a", "b", "new"), dict.fromkeys(["a", "b", "new"], "one"), costs)) == ["b", "new", "a"]


def test_reports_that_share_drawings_stay_together():
    families = {"a": "x", "b": "y", "c": "x", "d": "y"}
    costs = {"a": 1.0, "b": 5.0, "c": 4.0, "d": 2.0}
    assert stems(in_order(tasks("a", "b", "c", "d"), families, costs)) == ["b", "d", "c", "a"]


def test_without_any_known_cost_the_order_is_that_asked():
    assert stems(in_order(tasks("b", "a", "c"), dict.fromkeys("abc", "one"), {})) == ["b", "a", "c"]
