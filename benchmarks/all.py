"""Every measurement of docs/performance.md, one after the other; the last one takes the longest.

python benchmarks/all.py
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

MEASUREMENTS = (
    "build.py",
    "page.py",
    "composite_scoring.py",
    "composite_uncertainty.py",
    "survey_scale.py",
    "survey_protect.py",
    "batch_papermill.py",
    "batch_cluster.py",
    "batch_where.py",
    "batch_flanders.py",
    "scale.py",
)


def main() -> None:
    folder = Path(__file__).parent
    failed = []
    for name in MEASUREMENTS:
        print(f"\n# {name}", flush=True)
        if subprocess.run([sys.executable, str(folder / name)], check=False).returncode:
            failed.append(name)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
