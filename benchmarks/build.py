"""From raw files to profiles: building all of Flanders, one profile, the five of a region.

    python benchmarks/build.py [--repeats 3]

Each is a command in a process of its own, start included, on a copy of the project; the best of some repeats. The copy
has no processed tables at first, and no folder has reports in it.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import pandas as pd

from commands import Run, copied_project, machine, resilience

STEPS: dict[str, tuple[str, ...]] = {
    "build, from nothing": ("build",),
    "build, nothing changed": ("build",),
    "one profile": ("profiles", "13011"),
    "five profiles": ("profiles", "--region", "neteland"),
    "five profiles, nothing changed": ("profiles", "--region", "neteland"),
    "the report of a region": ("region", "neteland"),
}


def measure(root: Path, step: str, words: tuple[str, ...]) -> Run:
    """Run one step; what is not "nothing changed" begins without what it makes."""
    if words[0] == "build":
        if "nothing changed" not in step:
            shutil.rmtree(root / "data" / "processed", ignore_errors=True)
        return resilience(root, *words)
    out = root / "reports"
    if "nothing changed" not in step:
        shutil.rmtree(out, ignore_errors=True)
    return resilience(root, *words, "--out", str(out))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    print(machine())
    best: dict[str, Run] = {}
    with copied_project() as root:
        for _ in range(given.repeats):
            for step, words in STEPS.items():
                made = measure(root, step, words)
                best[step] = min(made, best.get(step, made), key=lambda each: each.seconds)
    rows = [
        {"step": step, "seconds": made.seconds, "cpu": made.cpu, "largest process MiB": made.peak}
        for step, made in best.items()
    ]
    print(pd.DataFrame(rows).round(2).to_string(index=False))


if __name__ == "__main__":
    main()
