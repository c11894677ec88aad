"""What is wanted of the speed: each measured with the other side in the same run, and told as a ratio.

    python benchmarks/goals.py [--only WORD ...] [--commit 69a329c] [--profiles 285] [--places 20000]

Takes about ten minutes on two idle cores. Wall time and processor time stand beside each other: on a machine that has
other work the first means nothing, and the second is right to a fifth or so.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pandas as pd

from batch_papermill import REGION, make_plainly
from commands import ROOT, Run, copied_project, machine, resilience, run
from page import measured
from resilience_analysis.foundation.project import Project
from resilience_analysis.reports.kinds import KINDS, MUNICIPALITY, Wanted
from synthetic import grow_project

BASE = "import pandas, geopandas, matplotlib.pyplot"
FIRST = f'import resilience_analysis as ra; ra.profile("13011", region="{REGION}")._repr_html_()'
ROUNDS, SAMPLE, FURTHER = 3, 60, 20


@dataclass(frozen=True)
class Bench:
    """What a measurement needs: the project as it is, as it was, and how much to make.

    Attributes
    ----------
    now, earlier
        Folders of the two.
    profiles, places
        How many of each.
    """

    now: Path
    earlier: Path
    profiles: int
    places: int


def line(
    what: str, one: float, other: float, wanted: str, *, unit: str = "s", ratio: float | None = None
) -> dict[str, object]:
    """Return a row of the table: this project, the other side, and the one over the other."""
    found = one / other if ratio is None else ratio
    return {"what": what, "unit": unit, "here": round(one, 3), "other": round(other, 3), "ratio": round(found, 2),
            "wanted": wanted, "load": round(os.getloadavg()[0], 1)}  # fmt: skip


def against_papermill(bench: Bench) -> Iterator[dict[str, object]]:
    """All profiles in one batch, against papermill and nbconvert before and after it."""
    chosen = MUNICIPALITY.choose(Project(bench.now), Wanted(region=REGION))
    tasks = KINDS["profile"].tasks(chosen, languages=["nl"], products=["html"])
    plain = [*make_plainly(bench.now, tasks[0])]
    out = str(bench.now / "all")
    many = resilience(bench.now, "profiles", "--all", "--limit", str(bench.profiles), "--out", out)
    plain += make_plainly(bench.now, tasks[1])
    for unit, taken in (("s", "seconds"), ("s of processor", "cpu")):
        here, other = getattr(many, taken) / bench.profiles, sum(getattr(each, taken) for each in plain) / 2
        what = f"a profile of {bench.profiles}, against papermill and nbconvert: times faster"
        yield line(what, here, other, "at least 60" if unit == "s" else "", unit=unit, ratio=other / here)


def against_earlier(bench: Bench) -> Iterator[dict[str, object]]:
    """A batch, and a page without a notebook, against the earlier commit."""
    sides: dict[Path, list[Run]] = {bench.now: [], bench.earlier: []}
    for root, runs in sides.items():
        for count in (1, 1 + SAMPLE):
            words = ("profiles", "--all", "--limit", str(count), "--out", str(bench.now / f"{root.name}-{count}"))
            runs.append(resilience(root, *words))
    for unit, taken, wanted in (("s", "seconds", "at most 0.25"), ("s of processor", "cpu", "at most 0.25")):
        here, other = ((getattr(many, taken) - getattr(one, taken)) / SAMPLE for one, many in sides.values())
        yield line("a further profile of a batch, against the earlier commit", here, other, wanted, unit=unit)
    pages = [(measured(bench.now), measured(bench.earlier)) for _ in range(2)]
    for name, what, unit, wanted in (
        ("each", "a further page without a notebook", "s of processor", "at most 0.050 s"),
        ("kB", "its size", "kB", "at most 300 kB"),
    ):
        yield line(what, *(median(one[side][name] for one in pages) for side in (0, 1)), wanted, unit=unit)


def against_imports(bench: Bench) -> Iterator[dict[str, object]]:
    """What a user waits for, against importing what every analyst imports."""
    five = ("profiles", "--region", REGION, "--out", str(bench.now / "five"))
    steps: dict[str, tuple[Callable[[], Run], str]] = {
        "build of all": (lambda: resilience(bench.now, "build"), "at most 3"),
        "five profiles, cold": (lambda: resilience(bench.now, *five, "--force"), "at most 3"),
        "five profiles, nothing changed": (lambda: resilience(bench.now, *five), "at most 0.5"),
        "import resilience_analysis": (lambda: python(bench.now, "import resilience_analysis"), ""),
        "first profile in a notebook": (lambda: python(bench.now, FIRST), "at most 1.5 s"),
    }
    rounds = [(python(bench.now, BASE), [step() for step, _ in steps.values()]) for _ in range(ROUNDS)]
    for place, (what, (_, wanted)) in enumerate(steps.items()):
        for unit, taken in (("s", "seconds"), ("s of processor", "cpu")):
            here, other = (
                median(getattr(found, taken) for found in side)
                for side in ([made[place] for _, made in rounds], [base for base, _ in rounds])
            )
            yield line(f"{what}, against the three imports", here, other, wanted, unit=unit)


def in_a_large_region(bench: Bench) -> Iterator[dict[str, object]]:
    """Profiles among many places, against those among the real ones."""
    few_first, *few = (limited(bench.now, number) for number in (1, 1, 1 + FURTHER))  # the first keeps what it draws
    grow_project(bench.now, bench.places)
    built = resilience(bench.now, "build")
    many_first, *many = (limited(bench.now, number) for number in (1, 1, 1 + FURTHER))
    for unit, taken in (("s", "seconds"), ("s of processor", "cpu")):
        yield line(f"build of {bench.places}", getattr(built, taken), float("nan"), "", unit=unit)
        here, other = (getattr(first, taken) for first in (many_first, few_first))
        yield line(f"first profile of {bench.places}", here, other, "at most 15 s", unit=unit)
    for unit, taken in (("s", "seconds"), ("s of processor", "cpu")):
        here, other = ((getattr(last, taken) - getattr(first, taken)) / FURTHER for first, last in (many, few))
        yield line(f"a further profile of {bench.places}", here, other, "at most 3", unit=unit)
    yield line("memory after further profiles", many[1].peak, many[0].peak, "flat: 1", unit="MiB")


def limited(root: Path, count: int) -> Run:
    """Make so many profiles with one job."""
    words = ("profiles", "--all", "--jobs", "1", "--limit", str(count), "--memory", "4000", "--force")
    return resilience(root, *words, "--out", str(root / f"limited-{count}"))


def python(root: Path, code: str) -> Run:
    """Run some Python on a project."""
    return run(root, [sys.executable, "-c", code])


MEASUREMENTS: Sequence[Callable[[Bench], Iterator[dict[str, object]]]] = (
    against_imports, against_earlier, against_papermill, in_a_large_region,
)  # fmt: skip


def declare(folder: Path) -> None:
    """Write beside the package of a checkout what installing it would, so that its own entry points are found."""
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    told = folder / "src" / "resilience_analysis-0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 0\n", encoding="utf-8")
    lines = [
        text
        for group, points in project.get("entry-points", {}).items()
        for text in (f"[{group}]", *(f"{name} = {place}" for name, place in points.items()))
    ]
    (told / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")


@contextmanager
def checked_out(commit: str, folder: Path) -> Iterator[Path]:
    """Check out a commit until the end of the block."""
    subprocess.run(["git", "worktree", "add", "--quiet", "--detach", folder, commit], cwd=ROOT, check=True)
    try:
        declare(folder)
        yield folder
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", folder], cwd=ROOT, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=[""], help="measurements whose name holds one of these words")
    parser.add_argument("--commit", default="69a329c")
    parser.add_argument("--profiles", type=int, default=285)
    parser.add_argument("--places", type=int, default=20_000)
    given = parser.parse_args()
    print(machine(), flush=True)
    rows = []
    with copied_project() as root, checked_out(given.commit, root.with_name("earlier")) as earlier:
        bench = Bench(root, earlier, given.profiles, given.places)
        for measure in MEASUREMENTS:
            if any(word in measure.__name__ for word in given.only):
                for row in measure(bench):
                    print(row, flush=True)
                    rows.append(row)
    print(pd.DataFrame(rows).to_string(index=False))


if __name__ == "__main__":
    main()
