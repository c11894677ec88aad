"""Profiles on a Dask cluster of two worker processes against those of this machine alone, in one run.

    python benchmarks/batch_cluster.py [--profiles 60]

Scheduler and workers run here too, so this shows what sending costs, not what more machines bring. Both ways make one
profile first: the workers keep what they have loaded, and `start` is what that took.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from distributed import LocalCluster

from commands import copied_project, machine, resilience


def measure(root: Path, way: str, count: int, options: Sequence[str]) -> dict[str, object]:
    """Make one profile, then so many; give the line of the table."""
    first, many = (
        resilience(root, "profiles", "--all", "--limit", str(limit), "--out", str(root / f"{way}-{limit}"), *options)
        for limit in (1, count)
    )
    return {"way": way, "start": first.seconds, "seconds": many.seconds, "per profile": many.seconds / count}


def shown(root: Path, way: str, count: int) -> dict[str, str]:
    """Return a digest of all that each profile shows."""
    reports = json.loads((root / f"{way}-{count}" / "manifest.json").read_text(encoding="utf-8"))["reports"]
    return {stem: record["shown"] for stem, record in reports.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profiles", type=int, default=60)
    count = parser.parse_args().profiles
    print(machine())
    with copied_project() as root:
        os.environ["PYTHONPATH"] = str(root / "src")  # workers run the same code as the command
        rows = [measure(root, "here", count, ["--jobs", "2"])]
        with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=50) as cluster:
            rows.append(measure(root, "cluster", count, ["--scheduler", cluster.scheduler_address]))
        same = shown(root, "here", count) == shown(root, "cluster", count)
    table = pd.DataFrame(rows)
    print(table.round(2).to_string(index=False))
    print(f"cluster / here, per profile: {table['per profile'][1] / table['per profile'][0]:.2f}")
    print(f"both show the same: {same}")


if __name__ == "__main__":
    main()
