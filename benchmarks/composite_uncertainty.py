"""Time and memory of an uncertainty run, over draws and over units.

    python benchmarks/composite_uncertainty.py [--draws 250 500 1000 2000] [--units 75 150 300 600] [--jobs 1]

Two tables: 51 x 49 in three levels (the example of COINr where it lies beside the repository, else one made up in the
same shape) and n x 40 in 6 dimensions. Varied: treatment, normalisation, aggregation and the weights; with Sobol
indices, so that n draws of 4 choices mean 6 n evaluations. A line each for the draws alone, and with sampling error.
"""

from __future__ import annotations

import argparse
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from composite_scoring import make_table
from resilience_analysis import composite

EXAMPLE = Path(__file__).resolve().parents[2] / "shared" / "conformance" / "inputs"
SETTINGS = {"impute.method": "mean", "treat.winmax": 5, "normalise.bounds": (1, 100)}
CHOICES: dict[str, Any] = {
    "treat.winmax": [1, 5, 10],
    "normalise": [{"method": "minmax"}, {"method": "percentile-rank", "bounds": (1, 100)}],
    "aggregate.method": ["arithmetic", "geometric"],
    "weights.noise": 0.25,
}


def make_example() -> tuple[str, pd.DataFrame, pd.DataFrame]:
    """Return the 51 x 49 example with its metadata, or one made up in its shape."""
    if EXAMPLE.is_dir():
        metadata = composite.from_coinr(pd.read_csv(EXAMPLE / "asem_iMeta.csv"))
        table = pd.read_csv(EXAMPLE / "asem_iData.csv").set_index("uCode")
        return "example 51 x 49", table[list(metadata.index[metadata["type"] == "indicator"])], metadata
    data, metadata = make_table(51, 49, 8)
    halves = {f"d{number}": "left" if number < 4 else "right" for number in range(8)}
    metadata["parent"] = metadata["parent"].where(~metadata.index.isin(halves), metadata.index.map(halves))
    for half in ("left", "right"):
        metadata.loc[half] = ["index", 1, 1.0]
    return "made up 51 x 49", data, metadata


def measure(name: str, data: pd.DataFrame, metadata: pd.DataFrame, n: int, options: dict[str, Any]) -> dict[str, Any]:
    """Run once and give the time, the evaluations and the peak memory of this process."""
    start = time.perf_counter()
    result = composite.uncertainty(data, metadata=metadata, choices=CHOICES, settings=SETTINGS, n=n, seed=1, **options)
    taken = time.perf_counter() - start
    return {
        "table": name,
        "units": len(data),
        "draws": n,
        "evaluations": result.evaluations,
        "seconds": taken,
        "ms per evaluation": taken / result.evaluations * 1e3,
        "peak MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, nargs="+", default=[250, 500, 1000, 2000])
    parser.add_argument("--units", type=int, nargs="+", default=[75, 150, 300, 600])
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    name, data, metadata = make_example()
    plain: dict[str, Any] = {"jobs": given.jobs}
    tasks = [(name, data, metadata, n, plain) for n in given.draws]
    tasks.append((f"{name}, draws alone", data, metadata, 1000, {**plain, "indices": False}))
    tasks += [(f"{units} x 40", *make_table(units, 40, 6), 1000, plain) for units in given.units]
    made, tree = make_table(300, 40, 6)
    tasks.append(("300 x 40, draws alone", made, tree, 1000, {**plain, "indices": False}))
    tasks.append(("300 x 40, sampling error", made, tree, 200, {**plain, "se": 0.05 * np.abs(made)}))
    rows = []
    for task in tasks:
        with ProcessPoolExecutor(1) as pool:
            rows.append(pool.submit(measure, *task).result())
    print(pd.DataFrame(rows).round(3).to_string(index=False))


if __name__ == "__main__":
    main()
