"""Every measurement of docs/performance.md, one after the other; the first is the table of what is wanted.

    python benchmarks/all.py [--goals]

With ``--goals`` that table alone, which takes about ten minutes.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

MEASUREMENTS = (
    "goals.py",
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
    for name in MEASUREMENTS[:1] if "--goals" in sys.argv else MEASUREMENTS:
        print(f"\n# {name}", flush=True)
        if subprocess.run([sys.executable, str(folder / name)], check=False).returncode:
            failed.append(name)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
