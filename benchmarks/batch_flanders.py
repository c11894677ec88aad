"""All profiles of Flanders; again with nothing changed; with one figure corrected; with a goalpost moved.

    python benchmarks/batch_flanders.py [--limit 285]

After the correction all profiles are made once more into another folder: those that show something else than before
are those that had to be made again. Works on a copy of the project.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

import pandas as pd
import psutil
import yaml

from commands import Run, copied_project, machine, resilience

SEEN, WANTED_SECONDS = (20, 100, 285), 3
FIGURE = {"source": "statbel_house_sales", "nis_code": "13011", "year": 2024, "variable": "house_price_median_eur"}
RISE = 1.01
LINE = re.compile(r"\[(\d+)/\d+\] (\S+) (made|shows the same) in")


class Parent:
    """Notes how much memory the process that all profiles are forked from holds, after so many profiles."""

    def __init__(self) -> None:
        self.held: dict[int, float] = {}

    def hear(self, line: str, pid: int) -> None:
        """Look when a line says that a profile is finished."""
        if found := LINE.match(line):
            prepared = psutil.Process(pid).children()
            self.held[int(found[1])] = max(process.memory_info().rss for process in prepared) / 2**20

    def report(self) -> str:
        """Say how much it held on the way, and at the most."""
        counts = [count for count in SEEN if count in self.held] or [max(self.held)]
        parts = [f"{self.held[count]:.0f} after {count}" for count in counts]
        return f"{', '.join(parts)}; at the most {max(self.held.values()):.0f}"


def records(out: Path) -> dict[str, dict[str, object]]:
    """Return what the manifest says of every profile."""
    return dict(json.loads((out / "manifest.json").read_text(encoding="utf-8"))["reports"])


def finished(made: Run, how: str) -> set[str]:
    """Return the profiles that a run finished: those ``made``, or those that turned out to be ``shows the same``."""
    return {found[2] for line in made.text.splitlines() if (found := LINE.match(line)) and found[3] == how}


def correct_a_figure(root: Path) -> str:
    """Correct a figure as a user does, in corrections.yml, and say which."""
    catalogue = yaml.safe_load((root / "data/raw/sources.yml").read_text(encoding="utf-8"))
    raw = pd.read_csv(root / "data/raw" / catalogue[FIGURE["source"]]["file"], dtype={"nis_code": str})
    row = raw[(raw["nis_code"] == FIGURE["nis_code"]) & (raw["year"] == FIGURE["year"])]
    before = float(row[FIGURE["variable"]].iloc[0])
    after = round(before * RISE)
    entry = {**FIGURE, "expect": before, "value": after, "why": "benchmark"}
    path = root / "definitions/corrections.yml"
    path.write_text(yaml.safe_dump([entry]), encoding="utf-8")
    return f"{FIGURE['variable']} {FIGURE['year']} of {FIGURE['nis_code']}: {before:g} -> {after:g}"


def move_a_goalpost(root: Path) -> str:
    """Move the first goalpost by one, and say which."""
    path = root / "definitions/goalposts.yml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    name, entry = next(iter(content["indicators"].items()))
    entry["goalposts"][1] += 1
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return str(name)


def make_all(root: Path, out: Path, most: int) -> None:
    """Make all profiles, and all again when nothing changed."""
    parent = Parent()
    wanted = ("--all", "--out", str(out))
    limit = () if most >= max(SEEN) else ("--limit", str(most))
    first = resilience(root, "profiles", *wanted, *limit, hear=parent.hear)
    made = records(out)
    seconds = pd.Series([record["seconds"] for record in made.values()])
    own = pd.Series([record["memory_mb"] for record in made.values()])
    count = len(made)
    print(f"{count} profiles: {first.seconds:.1f} s, {first.seconds / count * 1e3:.0f} ms per profile, start included")
    print(f"  in its process: median {seconds.median():.2f} s, at the most {seconds.max():.2f} s")
    print(f"  processor time {first.cpu / count * 1e3:.0f} ms per profile")
    print(f"  memory of the parent, MiB: {parent.report()}")
    print(f"  memory of a child's own, MB: median {own.median():.0f}, at the most {own.max():.0f}")
    again = resilience(root, "profiles", *wanted[1:], *made_of(made))
    print(f"nothing changed: {again.seconds:.2f} s (at most {WANTED_SECONDS} wanted), {again.peak:.0f} MiB")


def made_of(made: dict[str, dict[str, object]]) -> list[str]:
    """Return the codes of the profiles in a folder."""
    return [stem[:5] for stem in made]


def correct_and_check(root: Path, out: Path) -> None:
    """Correct one figure, make again what shows it, and hold that against what really shows something else."""
    before = records(out)
    print(f"corrected: {correct_a_figure(root)}")
    built = resilience(root, "build")
    again = resilience(root, "profiles", *made_of(before), "--out", str(out))
    made, same = finished(again, "made"), finished(again, "shows the same")
    other = out.with_name("other")
    resilience(root, "profiles", *made_of(before), "--out", str(other))
    after = records(other)
    differ = {stem for stem, record in after.items() if record["shown"] != before[stem]["shown"]}
    print(f"  build {built.seconds:.1f} s, profiles {again.seconds:.1f} s: {len(made)} made, {len(same)} the same")
    print(f"  show something else: {len(differ)} ({', '.join(sorted(differ))[:300]})")
    print(f"  made exactly those: {made == differ}; made in vain: {len(same)}; wrongly kept: {len(differ - made)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=int, default=max(SEEN), help="so many profiles instead of all")
    given = parser.parse_args()
    print(machine())
    with copied_project() as root:
        out = root / "reports"
        make_all(root, out, given.limit)
        correct_and_check(root, out)
        print(f"goalpost moved: {move_a_goalpost(root)}")
        dry = resilience(root, "profiles", *made_of(records(out)), "--out", str(out), "--dry-run")
        print(f"  {dry.text.splitlines()[-1]}; such as {dry.text.splitlines()[0]}")


if __name__ == "__main__":
    main()
