"""The examples of docstrings run as they stand."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil

import pytest

from resilience_analysis import composite

MODULES = [
    f"resilience_analysis.composite{dotted}"
    for dotted in ["", *(f".{found.name}" for found in pkgutil.iter_modules(composite.__path__) if not found.ispkg)]
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_give_what_they_say(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_every_public_function_has_an_example():
    finder = doctest.DocTestFinder(recurse=False)
    functions = [name for name in composite.__all__ if inspect.isfunction(getattr(composite, name))]
    without = {name for name in functions if not any(test.examples for test in finder.find(getattr(composite, name)))}
    assert without == {"divisors", "export_workbook", "import_coin_tool", "is_coin_tool"}, "those read or write files"
