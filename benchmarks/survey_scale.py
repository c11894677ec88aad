"""How long and how much memory it takes to import and estimate 100,000 answers to 24 items.

    python benchmarks/survey_scale.py [--respondents 100000]

Each step runs through the command line in a process of its own. Peak memory is that of the largest process.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.foundation.project import find_project
from resilience_analysis.survey.items import load_instrument

LIMIT_SECONDS, LIMIT_GIB = 10.0, 1.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--respondents", type=int, default=100_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        export = folder / "export.csv"
        write_export(export, arguments.respondents)
        imported = folder / "imported"
        steps = {
            "import": ["import", str(export), "--wave", "2026", "--out", str(imported)],
            "estimate what was imported": [
                "estimate", str(imported / "answers.csv"), "--by", "nis_code", "--out", str(folder / "a"),
            ],
            "estimate the plain table": [
                "estimate", str(export), "--by", "gemeente", "--missing", "9", "--out", str(folder / "b"),
            ],
        }  # fmt: skip
        seconds, peaks = [], []
        print(f"{export.stat().st_size / 1e6:.0f} MB, {arguments.respondents:,} respondents")
        for step, command in steps.items():
            took, peak = run(command)
            seconds.append(took)
            peaks.append(peak)
            print(f"{step:<28} {took:6.2f} s {peak:6.2f} GiB")
    total = seconds[0] + seconds[1]
    print(f"{'import + estimate':<28} {total:6.2f} s {max(peaks[:2]):6.2f} GiB")
    print(
        f"share of the limit: {total / LIMIT_SECONDS:.2f} of the time, {max(peaks[:2]) / LIMIT_GIB:.2f} of the memory"
    )


def write_export(path: Path, respondents: int) -> None:
    """Write made-up answers to the 24 items of the six dimensions, as codes."""
    instrument = load_instrument()
    items = [item for items in instrument.scored.values() for item in items]
    places = municipalities() or [choice.id for choice in instrument.question("nis_code").choices]
    roles = [choice.id for choice in instrument.question("role").choices]
    rng = random.Random(1)
    answers = ["1", "2", "2", "3", "3", "3", "4", "4", "9", ""]
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["gemeente", "rol", *items])
        for _ in range(respondents):
            writer.writerow([rng.choice(places), rng.choice(roles), *rng.choices(answers, k=len(items))])


def municipalities() -> list[str]:
    """Return the NIS codes of the project, all of Flanders where its tables are there."""
    try:
        path = find_project().processed / "municipalities.csv"
    except UsageError:
        return []
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        return [row["nis_code"] for row in csv.DictReader(stream)]


def run(command: list[str]) -> tuple[float, float]:
    """Run one command; give its seconds and its peak memory in GiB."""
    begin = time.perf_counter()
    child = os.posix_spawn(
        sys.executable, [sys.executable, "-m", "resilience_analysis", "survey", *command], os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, n, os.devnull, os.O_WRONLY, 0) for n in (1, 2)],
    )  # fmt: skip
    _, status, usage = os.wait4(child, 0)
    if status:
        sys.exit(f"{' '.join(command)} failed with status {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - begin, usage.ru_maxrss / 2**20


if __name__ == "__main__":
    main()
