"""The examples of docstrings run as they stand."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil

import pandas as pd
import pytest

from resilience_analysis import composite
from resilience_analysis.composite import plots

MODULES = [
    composite.__name__,
    *(found.name for found in pkgutil.walk_packages(composite.__path__, f"{composite.__name__}.")),
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_give_what_they_say(name):
    given = {"composite": composite, "plots": plots, "pd": pd}
    assert doctest.testmod(importlib.import_module(name), extraglobs=given).failed == 0


def test_every_public_function_has_an_example():
    finder = doctest.DocTestFinder(recurse=False)
    functions = {
        name: getattr(room, name)
        for room in (composite, plots)
        for name in room.__all__
        if inspect.isfunction(getattr(room, name))
    }
    without = {name for name, function in functions.items() if not any(test.examples for test in finder.find(function))}
    assert without == set()
