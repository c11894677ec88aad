from __future__ import annotations

import pandas as pd

from resilience_analysis import composite
from resilience_analysis.composite.structure import derive_levels, leaves, nodes, roots


def test_children_come_before_their_parents(metadata):
    tidy = composite.check_metadata(metadata.iloc[::-1])
    order = [node.code for node in nodes(tidy)]
    assert order.index("index") > max(order.index("social"), order.index("spatial"))
    assert {node.code: set(node.children) for node in nodes(tidy)}["social"] == {"a", "b"}


def test_every_code_knows_its_top(metadata):
    assert set(roots(composite.check_metadata(metadata)).values()) == {"index"}
    forest = metadata.drop(index="index").assign(parent=lambda t: t["parent"].where(t["parent"] != "index", None))
    assert roots(composite.check_metadata(forest)) == {
        "a": "social",
        "b": "social",
        "c": "spatial",
        "d": "spatial",
        "social": "social",
        "spatial": "spatial",
    }


def test_leaves_are_the_indicators_at_whatever_depth(metadata):
    below = leaves(composite.check_metadata(metadata))
    assert below == {"social": ["a", "b"], "spatial": ["c", "d"], "index": ["a", "b", "c", "d"]}


def test_levels_follow_the_deepest_child():
    tree = pd.DataFrame({"parent": {"x": "y", "y": "z", "z": "", "w": "z"}})
    levels, problems = derive_levels(tree)
    assert levels.to_dict() == {"x": 1, "y": 2, "z": 3, "w": 1}
    assert problems == []
