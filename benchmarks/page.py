"""A page without a notebook, against this project at an earlier commit: processor time and size, both in one run.

    python benchmarks/page.py [--commit 69a329c] [--rounds 3]

The two take turns, each in a process of its own that has made the page of every municipality of a region once before
the clock starts. Processor time is told as a ratio, so that another machine can be compared.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from commands import ROOT, machine

CODES = ("13010", "13011", "13012", "13029", "13044")
SCRIPT = """
import json, sys, time
begun = time.process_time()
import resilience_analysis as ra
codes = sys.argv[1:]
ra.profile(codes[0], region="neteland")._repr_html_()
first = time.process_time() - begun
pages = [ra.profile(code, region="neteland").show().standalone() for code in codes]
begun = time.process_time()
for code in codes * 4:
    ra.profile(code, region="neteland").show().standalone()
each = (time.process_time() - begun) / 4 / len(codes)
print(json.dumps({"first": first, "each": each, "kB": max(len(page.encode()) for page in pages) / 1000}))
"""


def measured(root: Path) -> dict[str, float]:
    """Measure the pages of a checkout, with its own code and data."""
    environment = {**os.environ, "PYTHONPATH": str(root / "src"), "RESILIENCE_PROJECT": str(root)}
    command = [sys.executable, "-c", SCRIPT, *CODES]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commit", default="69a329c")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    print(machine())
    with TemporaryDirectory(prefix="resilience-benchmark-") as folder:
        earlier = Path(folder) / "earlier"
        subprocess.run(["git", "worktree", "add", "--detach", earlier, given.commit], cwd=ROOT, check=True)
        try:
            rounds = [(measured(earlier), measured(ROOT)) for _ in range(given.rounds)]
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", earlier], cwd=ROOT, check=True)
    for name, words in {"first": "first page, s", "each": "further page, s", "kB": "largest page, kB"}.items():
        before, after = (median(one[side][name] for one in rounds) for side in (0, 1))
        print(f"{words}: {before:.3f} at {given.commit}, {after:.3f} now: {after / before:.2f} of it")


if __name__ == "__main__":
    main()
