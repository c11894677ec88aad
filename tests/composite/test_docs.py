"""The examples of docs/composite.md run as they stand."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from resilience_analysis import composite
from resilience_analysis.cli.main import main
from resilience_analysis.composite.formulas import METHODS as SCALES
from resilience_analysis.composite.means import AGGREGATIONS
from resilience_analysis.composite.nested import CODE_KEYS, DEFAULTS, PAIRS
from resilience_analysis.composite.preparation import METHODS as IMPUTATIONS
from resilience_analysis.composite.structure import COLUMNS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "composite.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_python_examples_run_one_after_the_other():
    names: dict[str, object] = {}
    for block in blocks("python"):
        exec(block, names)
    assert names["scores"].loc["AA", "place"] == 100
    assert names["places"].loc["AA", "index"] == 1
    assert len(names["found"].intervals) == 4 * 3


def test_the_yaml_example_is_a_framework():
    framework = composite.from_nested(yaml.safe_load(blocks("yaml")[0]))
    assert framework.metadata.loc["trust", "level"] == 1
    assert set(framework.settings) == {
        "denominate",
        "treat.method",
        "normalise.method",
        "normalise.bounds",
        "aggregate.method",
        "aggregate.min_coverage",
    }


def test_the_command_example_runs_on_the_yaml_example(tmp_path, monkeypatch, capsys):
    data = pd.DataFrame(
        {
            "unit": [f"U{number:02d}" for number in range(9)],
            "province": "north",
            "population": range(100, 1000, 100),
            "trust": [1.5, 2, 3, 2.5, 3.5, 2.2, 1.9, 2.8, 3.1],
            "crime": [9, 30, 12, 20, 50, 60, 40, 80, 10],
            "green": [40, 10, 25, None, 80, 5, 60, 33, 21],
        }
    )
    data.to_csv(tmp_path / "data.csv", index=False)
    (tmp_path / "framework.yml").write_text(blocks("yaml")[0], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", shlex.split(blocks("console")[0]))
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 0, capsys.readouterr()
    assert (tmp_path / "scores" / "sobol.csv").is_file()


def test_every_method_column_and_key_is_on_the_page():
    page = PAGE.read_text(encoding="utf-8")
    for name in (*SCALES, *AGGREGATIONS, *IMPUTATIONS, *COLUMNS, *CODE_KEYS, *PAIRS, *DEFAULTS):
        assert f"`{name}`" in page or f"`{name}:" in page, name


def test_every_verb_that_the_ten_steps_name_exists():
    steps = PAGE.read_text(encoding="utf-8").split("| step of the handbook | here |")[1].split("\n\n")[0]
    rows = steps.splitlines()[2:]
    assert [row.split()[1] for row in rows] == [str(number) for number in range(1, 11)]
    named = re.findall(r"`(\w+)`", steps)
    assert [name for name in named if name not in composite.__all__] == []


def test_every_public_verb_is_on_the_page():
    page = PAGE.read_text(encoding="utf-8")
    verbs = [name for name in composite.__all__ if name[0].islower()]
    internal = {"divisors", "is_coinr", "with_alternatives", "framework_weights", "equal_weights"}
    assert [name for name in verbs if name not in internal and name not in page] == []


def test_importing_the_engine_loads_no_heavy_library():
    code = "import sys; from resilience_analysis import composite; print([m for m in sys.modules if m in sys.argv])"
    heavy = ["scipy", "scipy.stats", "SALib", "statsmodels", "matplotlib", "geopandas"]
    found = subprocess.run([sys.executable, "-c", code, *heavy], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
