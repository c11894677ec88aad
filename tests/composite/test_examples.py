"""The examples of docstrings run as they stand."""

from __future__ import annotations

import doctest
import importlib
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


def test_the_verbs_of_an_index_have_an_example():
    finder = doctest.DocTestFinder(recurse=False)
    verbs = ("aggregate", "impute", "normalise", "ranks", "score", "transform", "treat", "what_if", "results")
    for verb in verbs:
        assert any(test.examples for test in finder.find(getattr(composite, verb))), verb
