"""The examples of docstrings run as they stand, in every room whose functions others call."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil

import pytest

import resilience_analysis

ROOMS = ("analysis", "batch", "drawing", "foundation", "geography", "notebook", "self_assessment", "survey")
MODULES = [
    found.name
    for found in pkgutil.walk_packages(resilience_analysis.__path__, "resilience_analysis.")
    if found.name.split(".")[1] in ROOMS
]


@pytest.mark.parametrize("room", ROOMS)
def test_the_examples_of_a_room_give_what_they_say(room):
    found = [importlib.import_module(name) for name in MODULES if name.split(".")[1] == room]
    assert [module.__name__ for module in found if doctest.testmod(module).failed] == []


ESTIMATED = [
    f"resilience_analysis.survey.{name}"
    for name in (
        "alternatives", "bygroup", "change", "checking", "counts", "crosstab", "estimates", "gaps", "intervals",
        "issues", "memory", "outcomes", "privacy", "publishing", "releases", "reliability", "representation",
        "scores", "sharing", "suppression", "tables", "together", "wave", "weights",
    )
]  # fmt: skip
SHOWN = [name for name in MODULES if name.split(".")[1] in {"drawing", "self_assessment"}]


@pytest.mark.parametrize("name", [*ESTIMATED, *SHOWN])
def test_every_function_that_estimates_protects_or_draws_has_an_example(name):
    module = importlib.import_module(name)
    finder = doctest.DocTestFinder(recurse=False)
    own = [
        function
        for function in vars(module).values()
        if inspect.isfunction(function) and function.__module__ == module.__name__ and function.__name__[0] != "_"
    ]
    assert [function.__name__ for function in own if not any(test.examples for test in finder.find(function))] == []
