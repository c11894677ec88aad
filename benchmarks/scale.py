"""Made-up regions of growing size: time and memory of building, scoring, and some of their profiles.

    python benchmarks/scale.py [--sizes 285 1000 5000 20000] [--profiles 40]

Each stage is a process of its own, start included, with one job. `per unit` is time over the number of municipalities,
so that a curve that bends shows as a number that grows.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import pandas as pd

from commands import Run, copied_project, machine, resilience, run
from synthetic import grow_project

SCORE = """
import time
import resilience_analysis as ra
framework, indicators = ra.load_framework(), ra.read_indicators()
begun = time.process_time()
ra.score(indicators, framework)
print(time.process_time() - begun)
"""


def stages(root: Path, count: int, profiles: int) -> list[dict[str, object]]:
    """Measure one region; a row per stage."""
    begun = time.perf_counter()
    grow_project(root, count)
    print(f"{count} municipalities made up in {time.perf_counter() - begun:.0f} s", flush=True)
    built = resilience(root, "build")
    scored = run(root, [sys.executable, "-c", SCORE])
    print(f"  scoring alone: {float(scored.text.split()[-1]):.2f} s of processor time", flush=True)
    options = ("--all", "--jobs", "1")
    few, many = (
        resilience(root, "profiles", *options, "--limit", str(number), "--out", str(root / f"reports-{number}"))
        for number in (1, 1 + profiles)
    )
    rows = [row(count, "build", built, count), row(count, "read and score", scored, count)]
    rows.append(row(count, "first profile, start included", few, 1))
    each = Run(many.seconds - few.seconds, many.cpu - few.cpu, many.peak, "")
    return [*rows, row(count, "each further profile", each, profiles)]


def row(count: int, stage: str, taken: Run, of: int) -> dict[str, object]:
    """Return one line of the table."""
    return {"municipalities": count, "stage": stage, "seconds": taken.seconds / (of if "profile" in stage else 1),
            "ms per unit": taken.seconds / of * 1e3, "largest process MiB": taken.peak}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[285, 1000, 5000, 20000])
    parser.add_argument("--profiles", type=int, default=40, help="profiles made after the first, of each region")
    given = parser.parse_args()
    print(machine())
    for count in given.sizes:
        with copied_project() as root:
            table = pd.DataFrame(stages(root, count, given.profiles)).round(2)
        print(table.to_string(index=False), flush=True)


if __name__ == "__main__":
    main()
