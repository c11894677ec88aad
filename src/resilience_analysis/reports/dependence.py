"""What a profile depends on, as a digest, and what it shares with others, made before they are forked.

A profile shows its own rows, those of its region and of the group it is compared with (each section says which), and
how all municipalities are spread. A correction elsewhere that moves none of these leaves it as it is.
`tests/reports/test_dependence.py` compares this with the profiles themselves.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import geopandas as gpd
import pandas as pd

from resilience_analysis.batch.tasks import Task
from resilience_analysis.drawing.maps import classify
from resilience_analysis.pages.page import EVERYTHING, GROUP, OWN, REGION, what_sections_rest_on
from resilience_analysis.pages.profile import ProfilePage
from resilience_analysis.pages.sections.housing import mapped_growth
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.reports.plan import MUNICIPALITY, ReportKind

CODE = "nis_code"
SHOWN_DISTANCE = 2  # decimals


@dataclass(frozen=True)
class Ground:
    """Digests of all data, as far as they do not differ from one profile to another."""

    shared: str  # of what every profile can show
    rows: Mapping[str, str]  # of all rows about a municipality, by its NIS code
    below: Mapping[str, str]
    """Of the place of each among all municipalities on every scored indicator, by its NIS code: nothing says it of the
    context.
    """


def profile_dependence(dataset: Dataset, task: Task) -> str:
    """Return the SHA-256 of everything in the data that a profile can show.

    Parameters
    ----------
    task
        A task with the parameters of ``profile.ipynb``.
    """
    about = MUNICIPALITY.subject(dataset, task.parameters, task.language)
    ground = dataset.keep("dependence", lambda: Ground(**dataset.keep_on_disk("dependence", lambda: _ground(dataset))))
    rests_on = what_sections_rest_on(ProfilePage.sections)
    codes = {OWN: (about.nis_code,), REGION: about.region.codes, GROUP: about.group.codes, EVERYTHING: ground.rows}
    circle = dict.fromkeys(code for name, some in codes.items() if name in rests_on for code in some)
    distances = dataset.distances(about.nis_code)[list(about.group.codes)]
    parts = [
        ground.shared,
        *(f"{code} {ground.rows[code]}" for code in circle),
        ground.below[about.nis_code],
        distances.round(SHOWN_DISTANCE).to_json(),
        " ".join(distances.sort_values(kind="stable").index),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _ground(dataset: Dataset) -> dict[str, Any]:
    """Return what `Ground` is made of."""
    tables = {field.name: getattr(dataset.tables, field.name) for field in fields(dataset.tables)}
    by_place, whole = {}, {}
    for name, table in tables.items():
        if isinstance(table, pd.DataFrame) and not isinstance(table, gpd.GeoDataFrame) and _about_places(table):
            by_place[name] = table
        else:
            whole[name] = table
    digest = hashlib.sha256()
    for content in (*whole.values(), *_statistics(dataset)):
        digest.update(_bytes(content))
    below = dataset.values[list(dataset.framework.indicators)].rank(method="min")
    places = {str(code): hashlib.sha256(row.tobytes()).hexdigest() for code, row in zip(below.index, below.to_numpy())}  # noqa: B905
    return {"shared": digest.hexdigest(), "rows": _digests_of_rows(by_place.values()), "below": places}


def _about_places(table: pd.DataFrame) -> bool:
    return CODE in (table.index.name, *table.columns)


def _statistics(dataset: Dataset) -> list[Any]:
    """Return what profiles show of all municipalities together."""
    mapped = [code for code in (*dataset.framework.mapped, mapped_growth(dataset)) if code in dataset.values]
    last_years = dataset.tables.observations.groupby("variable")["year"].max()
    spreads = [dataset.spread(dataset.everywhere), dataset.score_spread(dataset.everywhere)]
    return [
        *spreads,
        last_years.to_frame(),
        str([classify(dataset.values[code]) for code in mapped]),
        str(dataset.years),
    ]


def _digests_of_rows(tables: Iterable[pd.DataFrame]) -> dict[str, str]:
    digests: dict[str, Any] = {}
    for table in tables:
        flat = table.reset_index() if table.index.name == CODE else table
        hashes = pd.util.hash_pandas_object(flat, index=False).groupby(flat[CODE].to_numpy())
        for code, rows in hashes:
            digests.setdefault(str(code), hashlib.sha256()).update(rows.to_numpy().tobytes())
    return {code: digest.hexdigest() for code, digest in digests.items()}


def _bytes(content: Any) -> bytes:
    if isinstance(content, gpd.GeoDataFrame):
        return b"".join(content.geometry.to_wkb()) + _bytes(pd.DataFrame(content.drop(columns=content.geometry.name)))
    if isinstance(content, pd.DataFrame):
        return pd.util.hash_pandas_object(content).to_numpy().tobytes()
    return str(content).encode()


FAMILIES = 3
"""Of how many families of reports what they share is kept: some megabytes each."""

_drawn: OrderedDict[Hashable, frozenset[Hashable]] = OrderedDict()


def family(dataset: Dataset, task: Task, kind: ReportKind) -> Hashable:
    """Return what a report has in common with those that share its base drawings."""
    about = kind.about.subject(dataset, task.parameters, task.language)
    return (task.language, about.region.codes) if isinstance(about, Subject) else kind.name


def prepare(dataset: Dataset, task: Task, kind: ReportKind, name: Hashable = None) -> bool:
    """Make what a report shares with its family, which the dataset keeps; returns whether there was anything to do."""
    name = family(dataset, task, kind) if name is None else name
    made = name not in _drawn
    if made:
        while len(_drawn) >= FAMILIES:
            _, drawn = _drawn.popitem(last=False)
            for key in drawn.intersection(dataset.kept):
                del dataset.kept[key]
        before = set(dataset.kept)
        kind.make_page(dataset, task).prepare()
        _drawn[name] = frozenset(dataset.kept).difference(before)
    _drawn.move_to_end(name)
    return made
