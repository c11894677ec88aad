"""Time and memory of scoring a table: impute by mean, treat, min-max, arithmetic means.

    python benchmarks/composite_scoring.py [--units 1000 10000 100000] [--indicators 40] [--dimensions 6]

The table is made up: a third of the indicators is skewed, 5 % of the values are missing. Every size runs in a process
of its own, so that its peak memory is its own; the best of some repeats is printed.

`--files N` compares the command, from a CSV file to scores.csv, with the same steps in bare NumPy, both as processes
of their own: seconds of the processor, which a busy machine changes less than the clock.
"""

from __future__ import annotations

import argparse
import importlib.util
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pandas as pd

from resilience_analysis import composite

MISSING, SEED, REPEATS = 0.05, 1, 3


def make_table(units: int, indicators: int, dimensions: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make up indicators with a common factor per dimension, a third of them skewed, and their metadata."""
    rng = np.random.default_rng(SEED)
    factors = rng.normal(size=(units, dimensions))
    values = 50 + 10 * (factors[:, np.arange(indicators) % dimensions] + rng.normal(size=(units, indicators)))
    skewed = np.arange(indicators) % 3 == 0
    values[:, skewed] = np.exp((values[:, skewed] - 50) / 10)
    values[rng.random(values.shape) < MISSING] = np.nan
    codes = [f"i{number}" for number in range(indicators)]
    tops = [f"d{number}" for number in range(dimensions)]
    parents = [tops[number % dimensions] for number in range(indicators)]
    metadata = pd.DataFrame(
        {"parent": [*parents, *["index"] * dimensions, ""], "direction": 1, "weight": 1.0},
        index=pd.Index([*codes, *tops, "index"], name="code"),
    )
    return pd.DataFrame(values, columns=codes, index=pd.Index([f"u{unit}" for unit in range(units)])), metadata


def measure(units: int, indicators: int, dimensions: int) -> dict[str, float]:
    """Score once and again; give the best time of each step and the peak memory of this process."""
    data, metadata = make_table(units, indicators, dimensions)
    best: dict[str, float] = {}
    for _ in range(REPEATS):
        marks, table = [time.perf_counter()], data
        table = composite.impute(table, metadata=metadata).data
        marks.append(time.perf_counter())
        table = composite.treat(table, metadata=metadata).data
        marks.append(time.perf_counter())
        table = composite.normalise(table, metadata=metadata)
        marks.append(time.perf_counter())
        composite.aggregate(table, metadata=metadata)
        marks.append(time.perf_counter())
        taken = dict(zip(("impute", "treat", "normalise", "aggregate"), np.diff(marks), strict=True))
        taken["all"] = marks[-1] - marks[0]
        best = {step: min(seconds, best.get(step, seconds)) for step, seconds in taken.items()}
    return {"units": units, **best, "peak MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


BARE = """
import sys
import numpy as np
units, rows = [], []
with open(sys.argv[1]) as lines:
    next(lines)
    for line in lines:
        unit, *cells = line.rstrip().split(",") if not line.endswith(",\\n") else line[:-1].split(",")
        units.append(unit)
        rows.append([float(cell) if cell else np.nan for cell in cells])
x = np.array(rows)
x = np.where(np.isnan(x), np.nanmean(x, axis=0), x)
low, high = x.min(axis=0), x.max(axis=0)
x = (x - low) / (high - low) * 100
dimensions = int(sys.argv[3])
parts = [x[:, np.arange(x.shape[1]) % dimensions == d].mean(axis=1) for d in range(dimensions)]
scores = np.column_stack([x, *parts, np.mean(parts, axis=0)])
np.savetxt(sys.argv[2], scores, fmt="%.17g", delimiter=",")
"""


def processor_seconds(command: list[str]) -> float:
    """Run a command and return the processor time it and its children took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare_with_files(units: int, indicators: int, dimensions: int) -> pd.DataFrame:
    """Score from file to file: everything, the scores alone, Parquet, and bare NumPy."""
    data, metadata = make_table(units, indicators, dimensions)
    with tempfile.TemporaryDirectory() as folder:
        files = {name: f"{folder}/{name}" for name in ("data.csv", "data.parquet", "framework.csv", "out", "bare.csv")}
        data.rename_axis("unit").to_csv(files["data.csv"])
        metadata.reset_index().to_csv(files["framework.csv"], index=False)
        ours = [sys.executable, "-m", "resilience_analysis", "score"]
        end = [files["framework.csv"], "--out", files["out"], "--impute", "mean"]
        ways = {
            "bare NumPy": [sys.executable, "-c", BARE, files["data.csv"], files["bare.csv"], str(dimensions)],
            "--only scores": [*ours, files["data.csv"], *end, "--only", "scores"],
            "every table": [*ours, files["data.csv"], *end],
        }
        if importlib.util.find_spec("pyarrow"):
            data.rename_axis("unit").reset_index().to_parquet(files["data.parquet"])
            ways["Parquet, --only scores"] = [
                *ours,
                files["data.parquet"],
                *end,
                "--only",
                "scores",
                "--form",
                "parquet",
            ]
        seconds = {name: min(processor_seconds(command) for _ in range(2)) for name, command in ways.items()}
    table = pd.DataFrame({"processor seconds": seconds})
    return table.assign(times_bare=table["processor seconds"] / seconds["bare NumPy"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, nargs="+", default=[1_000, 3_000, 10_000, 30_000, 100_000])
    parser.add_argument("--indicators", type=int, default=40)
    parser.add_argument("--dimensions", type=int, default=6)
    parser.add_argument("--files", type=int, metavar="UNITS")
    given = parser.parse_args()
    if given.files:
        print(compare_with_files(given.files, given.indicators, given.dimensions).round(2).to_string())
        return
    rows = []
    for units in given.units:
        with ProcessPoolExecutor(1) as pool:
            rows.append(pool.submit(measure, units, given.indicators, given.dimensions).result())
    table = pd.DataFrame(rows)
    table["us per unit"] = table["all"] / table["units"] * 1e6
    print(table.round(3).to_string(index=False))


if __name__ == "__main__":
    main()
