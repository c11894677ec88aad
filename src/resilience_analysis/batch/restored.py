"""Put back what a notebook can change in a process that is to run another one, where processes cannot be forked.

This restores what notebooks usually touch. Unlike a process of its own it cannot undo everything: a library that a
notebook has patched stays so.
"""

from __future__ import annotations

import builtins
import contextlib
import getpass
import os
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import comm
import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

from resilience_analysis.batch.shell import DirectShell

_NAMES = (
    (sys, ("stdout", "stderr", "displayhook", "excepthook", "argv")),
    (builtins, ("input", "display", "get_ipython")),
    (getpass, ("getpass",)),
    (comm, ("create_comm", "get_comm_manager")),
)
_MISSING = object()


@contextlib.contextmanager
def restored(notebooks: Path) -> Iterator[None]:
    """Put back, at the end, what a notebook has changed inside.

    Parameters
    ----------
    notebooks
        Folder of the notebooks: modules in it are forgotten, as the next notebook may have others of that name.
    """
    restorers = [_names(), _modules(notebooks), _surroundings(), _random_state(), _descriptors()]
    try:
        with warnings.catch_warnings(), mpl.rc_context():
            yield
    finally:
        plt.close("all")
        DirectShell.clear_instance()
        for restore in restorers:
            restore()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about options on their way out, which are reset with the rest
            pd.reset_option("all")


def _names() -> Callable[[], None]:
    kept = [(module, name, getattr(module, name, _MISSING)) for module, names in _NAMES for name in names]

    def restore() -> None:
        for module, name, value in kept:
            if value is not _MISSING:
                setattr(module, name, value)
            elif hasattr(module, name):
                delattr(module, name)

    return restore


def _modules(notebooks: Path) -> Callable[[], None]:
    main, known, path = sys.modules["__main__"], set(sys.modules), list(sys.path)

    def restore() -> None:
        for name in set(sys.modules) - known:
            file = getattr(sys.modules[name], "__file__", None)
            if file and Path(file).is_relative_to(notebooks):
                del sys.modules[name]
        sys.modules["__main__"] = main
        sys.path[:] = path

    return restore


def _surroundings() -> Callable[[], None]:
    folder, environment = os.getcwd(), dict(os.environ)  # noqa: PTH109

    def restore() -> None:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)

    return restore


def _random_state() -> Callable[[], None]:
    plain, numeric = random.getstate(), np.random.get_state()  # noqa: NPY002

    def restore() -> None:
        random.setstate(plain)
        np.random.set_state(numeric)  # noqa: NPY002

    return restore


def _descriptors() -> Callable[[], None]:
    kept = [(number, os.dup(number)) for number in (1, 2)]

    def restore() -> None:
        for number, copy in kept:
            os.dup2(copy, number)
            os.close(copy)

    return restore
