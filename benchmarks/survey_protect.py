"""How long it takes to estimate all groups of a region at once and to protect the small ones, and what is shown.

    python benchmarks/survey_protect.py [--municipalities 5 20 60] [--people 100]

Made-up people answer at random, with 3 in 100 answers left open.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pandas as pd

from resilience_analysis.survey.estimates import estimates
from resilience_analysis.survey.instrument import Instrument
from resilience_analysis.survey.items import load_instrument
from resilience_analysis.survey.responses import Responses, reason_code, to_table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--municipalities", type=int, nargs="+", default=[5, 20, 60])
    parser.add_argument("--people", type=int, default=100, help="in each municipality")
    arguments = parser.parse_args()
    instrument = load_instrument()
    print(f"{'municipalities':>14} {'rows':>7} {'seconds':>8} {'shown':>7}")
    for count in arguments.municipalities:
        took, rows, shown = timed(made_up(instrument, count, count * arguments.people), instrument)
        print(f"{count:>14} {rows:>7} {took:>8.1f} {shown:>7}", flush=True)


def timed(answers: pd.DataFrame, instrument: Instrument) -> tuple[float, int, int]:
    """Estimate; return the seconds, the rows, and how many of them are shown."""
    begin = time.perf_counter()
    table = estimates(answers, instrument)
    return time.perf_counter() - begin, len(table), int((table["status"] != "suppressed").sum())


def made_up(instrument: Instrument, municipalities: int, people: int) -> pd.DataFrame:
    """Make answers up: municipality, one of its four villages, role and background of everybody at random."""
    random = np.random.default_rng(0)
    places = random.integers(10_000, 10_000 + municipalities, people).astype(str)
    villages = random.integers(4, size=people).astype(str)
    who = pd.DataFrame(
        {
            "respondent": [f"synthetic-{number:06d}" for number in range(people)],
            "wave": "2026",
            "nis_code": places,
            "village": [f"{place} {village}" for place, village in zip(places, villages, strict=True)],
            **{name: random.choice(choices(instrument, name), people) for name in ("role", "background")},
        }
    ).astype(object)
    items = [item for items in instrument.scored.values() for item in items]
    codes = random.integers(1, 5, (people, len(items)))
    codes[random.random(codes.shape) < 0.03] = reason_code("empty")
    return to_table(Responses(who, pd.DataFrame(codes, columns=items).astype(np.int8)))


def choices(instrument: Instrument, name: str) -> list[str]:
    return [choice.id for choice in instrument.question(name).choices]


if __name__ == "__main__":
    main()
