"""Nothing leaks from one notebook to the next: each finds the process as the first one did."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.batch.lab import Heard, Lab, outputs, task, write_notebook

from resilience_analysis.batch.tasks import Settings
from resilience_analysis.foundation.project import Project

LOOK = """\
import builtins, json, os, random, sys, warnings
import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
import resilience_analysis as ra

found = {
    "globals": sorted(name for name in ("leaked", "page") if name in globals()),
    "builtins": hasattr(builtins, "leaked"),
    "rcParams": [mpl.rcParams["figure.dpi"], mpl.rcParams["font.size"], mpl.rcParams["backend"]],
    "warnings": [str(entry) for entry in warnings.filters],
    "pandas": [pd.get_option("display.max_rows"), pd.get_option("display.precision")],
    "environment": [os.environ.get("LEAKED"), os.environ.get("LANG_LEAKED")],
    "folder": os.path.basename(os.getcwd()),
    "random": [random.random(), float(np.random.random())],
    "figures": plt.get_fignums(),
    "path": [entry for entry in sys.path if "leaked" in entry],
    "module": "beside" in sys.modules,
    "dataset": hasattr(ra.load_dataset(), "leaked"),
    "cells": len(In),
}
print(json.dumps(found))
"""
SPOIL = """\
import builtins, os, random, sys, warnings
import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

leaked = page = builtins.leaked = "leaked"
mpl.rcParams["figure.dpi"] = 31
mpl.rcParams["font.size"] = 31
plt.switch_backend("Agg")
warnings.simplefilter("error")
pd.set_option("display.max_rows", 3)
pd.set_option("display.precision", 1)
os.environ["LEAKED"] = "leaked"
sys.path.insert(0, "/leaked")
open("beside.py", "w").write("x = 1")
import beside
os.chdir("/")
random.seed(1)
np.random.seed(1)
plt.figure()
sys.stdout = sys.__stdout__ = None
"""


def seen(path: Path) -> dict[str, Any]:
    [text] = [output["text"] for cell in outputs(path) for output in cell if output["output_type"] == "stream"]
    found: dict[str, Any] = json.loads(text)
    return found


def test_a_forked_notebook_finds_everything_as_it_was(lab: Lab, workshop: Project, tmp_path: Path) -> None:
    look, spoil = write_notebook(workshop, "look", LOOK), write_notebook(workshop, "spoil", SPOIL)
    tasks = [task(look, "1-before.nl"), task(spoil, "2-between.nl"), task(look, "3-after.nl")]
    heard: Heard = lab(workshop, tasks, Settings(tmp_path, jobs=1))
    (workshop.notebooks / "beside.py").unlink()
    assert heard.states == {"1-before.nl": "made", "2-between.nl": "made", "3-after.nl": "made"}
    before, after = (seen(tmp_path / "notebooks" / f"{stem}.nl.ipynb") for stem in ("1-before", "3-after"))
    assert before == after
    assert after["globals"] == []
    assert after["figures"] == []


def test_random_numbers_follow_from_the_parameters(lab: Lab, workshop: Project, tmp_path: Path) -> None:
    draw = write_notebook(workshop, "draw", "import random, numpy as np\nprint(random.random(), np.random.random())")
    tasks = [task(draw, f"{place}.nl", who=who) for place, who in enumerate(["one", "two", "one"])]
    lab(workshop, tasks, Settings(tmp_path, jobs=2))
    first, other, same = (outputs(tmp_path / "notebooks" / f"{place}.nl.ipynb")[-1] for place in range(3))
    assert first == same
    assert first != other
