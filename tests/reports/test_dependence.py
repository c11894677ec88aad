"""A profile is made again when a figure that it shows has changed, and only then.

The digest of what a profile depends on is held against the profile itself: figures are changed at random, and whenever
the profile shows something else its digest has to be another.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.reports.tasks import profile_tasks

from resilience_analysis.batch.tasks import Task
from resilience_analysis.drawing.layers import Drawing
from resilience_analysis.foundation.project import Project
from resilience_analysis.indicators.framework import load_framework
from resilience_analysis.indicators.scores import score
from resilience_analysis.notebook import load_dataset
from resilience_analysis.pages.profile import ProfilePage
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.reports.content import profile_dependence
from resilience_analysis.reports.kinds import KINDS

HERE, NEAR, FAR = "13011", "13029", "44021"


@pytest.fixture(scope="module")
def project(root: Path) -> Project:
    return Project(root)


@pytest.fixture(scope="module")
def dataset(project: Project) -> Dataset:
    return load_dataset(project)


@pytest.fixture(scope="module")
def tasks(project: Project) -> dict[str, Task]:
    return {task.parameters["nis_code"]: task for task in profile_tasks(project, everything=True)}


def page(dataset: Dataset, task: Task) -> ProfilePage:
    made = KINDS["profile"].make_page(dataset, task)
    assert isinstance(made, ProfilePage)
    return made


def with_tables(dataset: Dataset, **tables: pd.DataFrame) -> Dataset:
    """Return a dataset with other tables and nothing kept."""
    return dataclasses.replace(dataset, tables=dataclasses.replace(dataset.tables, **tables), kept={})


def corrected(dataset: Dataset, code: str, indicator: str, value: float) -> Dataset:
    """Return the dataset after the latest value of one indicator of one municipality was corrected, scores and all."""
    rows = dataset.tables.indicators
    year = dataset.years[indicator]
    place = (rows["nis_code"] == code) & (rows["indicator"] == indicator) & (rows["year"] == year)
    assert place.sum() == 1
    shift = value - rows.loc[place, "value"].iloc[0]
    changed = rows.copy()
    for column in ("value", "low", "high"):
        changed.loc[place, column] += shift
    return with_tables(dataset, indicators=changed, scores=score(changed, load_framework()))


def changed_profiles(before: Dataset, after: Dataset, tasks: dict[str, Task]) -> set[str]:
    return {code for code, task in tasks.items() if profile_dependence(before, task) != profile_dependence(after, task)}


def shown(dataset: Dataset, task: Task) -> str:
    return str(page(dataset, task).show().standalone())


def test_the_same_data_give_the_same_digest(dataset: Dataset, tasks: dict[str, Task]) -> None:
    copied = with_tables(dataset, indicators=dataset.tables.indicators.copy())
    assert changed_profiles(dataset, copied, tasks) == set()


def test_a_correction_that_moves_no_reference_concerns_its_region_only(
    dataset: Dataset, tasks: dict[str, Task]
) -> None:
    rows = dataset.values["org_trust_municipality"]
    after = corrected(dataset, FAR, "org_trust_municipality", rows[FAR] + 0.01)
    for spread in ("spread", "score_spread"):
        pd.testing.assert_frame_equal(
            getattr(dataset, spread)(dataset.everywhere), getattr(after, spread)(dataset.everywhere)
        )
    region = set(page(dataset, tasks[FAR]).subject.region.codes)
    assert FAR in changed_profiles(dataset, after, tasks) <= region


def test_context_that_overtakes_that_of_others_concerns_its_region_only(
    dataset: Dataset, tasks: dict[str, Task]
) -> None:
    rows = dataset.values["ctx_house_price"]
    above = rows[rows > rows[FAR]].sort_values().unique()
    after = corrected(dataset, FAR, "ctx_house_price", (above[1] + above[2]) / 2)
    pd.testing.assert_frame_equal(dataset.spread(dataset.everywhere), after.spread(dataset.everywhere))
    region = set(page(dataset, tasks[FAR]).subject.region.codes)
    assert FAR in changed_profiles(dataset, after, tasks) <= region


def test_a_correction_that_moves_the_median_concerns_every_profile(dataset: Dataset, tasks: dict[str, Task]) -> None:
    rows = dataset.values["org_trust_municipality"].dropna()
    lowest, top = rows.idxmin(), rows.max() + 1
    after = corrected(dataset, str(lowest), "org_trust_municipality", float(top))
    assert changed_profiles(dataset, after, tasks) == set(tasks)


def test_a_figure_that_no_profile_shows_concerns_none(dataset: Dataset, tasks: dict[str, Task]) -> None:
    rows = dataset.tables.indicators
    old = rows[(rows["nis_code"] == FAR) & rows["value"].notna()].sort_values("year").iloc[0]
    assert old["year"] < dataset.years[old["indicator"]]
    place = rows.index == old.name
    after = with_tables(dataset, indicators=rows.assign(value=rows["value"].where(~place, rows["value"] * 1.01)))
    assert changed_profiles(dataset, after, {HERE: tasks[HERE]}) == set()


@pytest.fixture(scope="module")
def without_pictures() -> Iterator[None]:
    """Draw nothing: what a picture shows stands in its text and table as well."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Drawing, "svg", lambda *_, **__: "")
        yield


@pytest.fixture(scope="module")
def before(dataset: Dataset, tasks: dict[str, Task], without_pictures: None) -> dict[str, str]:
    """What two profiles show."""
    fresh = with_tables(dataset)
    return {code: shown(fresh, tasks[code]) for code in (HERE, FAR)}


@pytest.mark.parametrize("seed", range(12))
def test_whatever_a_profile_shows_otherwise_has_another_digest(
    dataset: Dataset, tasks: dict[str, Task], before: dict[str, str], seed: int
) -> None:
    random = np.random.default_rng(seed)
    table = ("indicators", "observations", "scores", "indicators")[seed % 4]
    rows, column = getattr(dataset.tables, table), "score" if table == "scores" else "value"
    near = [HERE, NEAR, FAR] if seed % 3 else list(tasks)
    known = rows[rows[column].notna() & rows["nis_code"].isin(near)]
    places = random.choice(known.index, size=5, replace=False)
    changed = rows[column].copy()
    changed[places] = (changed[places] * random.uniform(0.5, 1.5, 5)).clip(upper=100)
    after = with_tables(dataset, **{table: rows.assign(**{column: changed})})
    for code, text in before.items():
        if shown(after, tasks[code]) != text:
            assert profile_dependence(after, tasks[code]) != profile_dependence(dataset, tasks[code])


def test_a_boundary_that_moves_concerns_every_profile(dataset: Dataset, tasks: dict[str, Task]) -> None:
    moved = dataset.boundaries.copy()
    moved.loc[0, "geometry"] = moved.loc[0, "geometry"].buffer(10)
    assert changed_profiles(dataset, with_tables(dataset, boundaries=moved), tasks) == set(tasks)
