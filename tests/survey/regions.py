"""Made-up regions to attack: a few municipalities, small groups, people who agree, answers left open."""

from __future__ import annotations

import numpy as np
import pandas as pd

from resilience_analysis.survey.instrument import Instrument


def made_up_region(instrument: Instrument, seed: int, *, items: int = 4, team: bool = True) -> pd.DataFrame:
    """Make the answers of a small region up, as the schema ``answers``: one wave, 15 to 150 people."""
    random = np.random.default_rng(seed)
    count = int(random.integers(2, 6))
    parents = instrument.question("village").parents
    places = random.permutation(sorted(set(parents.values())))[:count]
    sizes = random.integers(2, 32, count)
    chosen = {name: _choices(instrument, name, random) for name in ("role", "background")}
    asked = list(instrument.scored["informatie"])[:items] + list(instrument.scored["leren"])[:1]
    shape = random.dirichlet(np.ones(4) * random.choice([0.3, 1.0, 3.0]), len(asked) + 8)
    left_open = random.choice([0.0, 0.03, 0.2])
    named = {place: sorted(name for name, parent in parents.items() if parent == place) for place in places.tolist()}
    return _peopled(instrument, named, sizes.tolist(), random, (chosen, asked, shape, left_open), team=team)


def made_up_large_region(instrument: Instrument, seed: int) -> pd.DataFrame:
    """Make the answers of 20 to 60 municipalities up, of which most are small and some have hundreds of people.

    Their villages are those that people write. One region in three has a statement to which nearly all say the same.
    """
    random = np.random.default_rng(seed)
    count = int(random.integers(20, 61))
    sizes = np.clip(random.lognormal(random.choice([2.5, 3.2, 3.9]), 0.8, count), 2, 300).astype(int)
    named = {
        f"{20_000 + place}": [f"{place} {name}" for name in range(random.integers(1, 5))] for place in range(count)
    }
    chosen = {name: _choices(instrument, name, random) for name in ("role", "background")}
    asked = list(instrument.scored["informatie"])[:2] + list(instrument.scored["leren"])[:1]
    shape = random.dirichlet(np.ones(4) * random.choice([0.3, 1.0, 3.0]), len(asked) + 2)
    if seed % 3 == 0:
        shape[0] = [0.0, 0.0, 0.04, 0.96]
    left_open = random.choice([0.0, 0.03, 0.2])
    return _peopled(instrument, named, sizes.tolist(), random, (chosen, asked, shape, left_open), team=True)


def _peopled(
    instrument: Instrument,
    named: dict[str, list[str]],
    sizes: list[int],
    random: np.random.Generator,
    about: tuple[dict[str, tuple[list[str | None], np.ndarray]], list[str], np.ndarray, float],
    *,
    team: bool,
) -> pd.DataFrame:
    """Make the people of municipalities with their villages up, and their answers."""
    chosen, asked, shape, left_open = about
    rows = []
    for (place, own), size in zip(named.items(), sizes, strict=True):
        for number in range(size):
            person = {
                "respondent": f"{place}-{number:03d}", "wave": "2026", "nis_code": place,
                "village": random.choice([*own, None]),
                **{name: random.choice(values, p=weight) for name, (values, weight) in chosen.items()},
            }  # fmt: skip
            rows += _answers(person, asked, shape, left_open, random)
            if team and person["role"] == instrument.village_team.asked_value:
                codes = [item.id for item in instrument.village_team.section.items][:2]
                rows += _answers(person, codes, shape[len(asked) :], left_open, random)
    columns = ["respondent", "wave", "item", "nis_code", "village", "role", "background", "answer", "missing_reason"]
    return pd.DataFrame(rows)[columns].astype({"answer": float})


def _choices(instrument: Instrument, name: str, random: np.random.Generator) -> tuple[list[str | None], np.ndarray]:
    offered = [choice.id for choice in instrument.question(name).choices]
    some = random.permutation(offered)[: int(random.integers(2, 5))].tolist()
    if name == "role":
        some = sorted({*some, instrument.village_team.asked_value})
    values = [*some, None]
    return values, random.dirichlet(np.ones(len(values)) * 1.5)


def _answers(
    person: dict[str, object], codes: list[str], shape: np.ndarray, left_open: float, random: np.random.Generator
) -> list[dict[str, object]]:
    rows = []
    for code, weight in zip(codes, shape, strict=False):
        answer, reason = float(random.choice([1, 2, 3, 4], p=weight)), None
        if random.random() < left_open:
            answer, reason = np.nan, random.choice(["unknown", "empty"])
        rows.append({**person, "item": code, "answer": answer, "missing_reason": reason})
    return rows
