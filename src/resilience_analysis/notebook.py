"""What an analyst calls from a notebook: everything found in the project, loaded once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import pandas as pd

from resilience_analysis.batch.stale import input_digests, kept_for
from resilience_analysis.data.catalogue import read_catalogue
from resilience_analysis.data.processed import read_processed, read_table
from resilience_analysis.foundation.project import Project, find_project
from resilience_analysis.foundation.vocabulary import STRANDS
from resilience_analysis.geography.groups import REGIONS_FILE, read_regions
from resilience_analysis.indicators.framework import load_framework
from resilience_analysis.indicators.values import check_built
from resilience_analysis.pages.profile import ProfilePage
from resilience_analysis.pages.region import RegionPage
from resilience_analysis.pages.subject import region_subject, subject, village_subject
from resilience_analysis.pages.village import VillagePage
from resilience_analysis.profiles.dataset import DISK, Dataset
from resilience_analysis.profiles.rows import comparator as comparator_codes
from resilience_analysis.survey.items import ITEMS_FILE, load_instrument


def load_dataset(project: Project | None = None) -> Dataset:
    """Load everything that profiles share; kept for the life of the process.

    Parameters
    ----------
    project
        Whose figures; the project of the current folder when not given.

    Returns
    -------
    Dataset
        Tables, definitions and the texts of the self-assessment.

    Raises
    ------
    InputError
        When a table or definition is missing or wrong, or was built with another framework.

    Examples
    --------
    >>> len(load_dataset().municipalities)
    285
    """
    return _dataset(project or find_project())


@cache
def _dataset(project: Project) -> Dataset:
    inputs = input_digests(project, [])
    kept = kept_for(project, inputs)
    tables = read_processed(project.processed, kept)
    dataset = Dataset(
        project=project, framework=load_framework(project.definitions),
        geography=read_regions(project.definition(REGIONS_FILE)), catalogue=read_catalogue(project.raw),
        instrument=load_instrument(project.definition(ITEMS_FILE)),
        tables=tables,
    )  # fmt: skip
    if input_digests(project, []) == inputs:
        dataset.kept[DISK] = tables, kept
    else:  # a build wrote meanwhile
        kept.forget()
    check_built(dataset.years, dataset.framework)
    return dataset


def read_observations() -> pd.DataFrame:
    """Read the open data of the project.

    Returns
    -------
    pandas.DataFrame
        One row per municipality, year and variable (schema ``observations``).

    Examples
    --------
    >>> read_observations().query("variable == 'population'")["nis_code"].nunique()
    285
    """
    return read_table(find_project().processed, "observations")


def read_indicators() -> pd.DataFrame:
    """Read the indicators of the project.

    Returns
    -------
    pandas.DataFrame
        One row per municipality, year and indicator (schema ``indicators``), in the unit of each.

    Examples
    --------
    >>> table = read_indicators()
    >>> table.loc[table["indicator"] == "ctx_population", "unit"].unique().tolist()
    ['count']
    """
    return read_table(find_project().processed, "indicators")


def read_scores() -> pd.DataFrame:
    """Read the scores of the project.

    Returns
    -------
    pandas.DataFrame
        One row per municipality, code and strand (schema ``scores``), 0-100 with the 95 % interval.

    Examples
    --------
    >>> bool(read_scores()["score"].dropna().between(0, 100).all())
    True
    """
    return read_table(find_project().processed, "scores")


def read_municipalities() -> pd.DataFrame:
    """Read the municipalities of the project.

    Returns
    -------
    pandas.DataFrame
        One row per municipality, indexed by ``nis_code``: its name, the areas that it lies in, and its size in km².

    Examples
    --------
    >>> read_municipalities().loc["13011", "name"]
    'Herentals'
    """
    return read_table(find_project().processed, "municipalities").set_index("nis_code")


def profile(
    municipality: str, scores: pd.DataFrame | None = None, *, region: str = "", comparator: str = "",
    language: str = "", sections: str | Iterable[str] = (), data: Dataset | None = None,
) -> ProfilePage:  # fmt: skip
    """Make the profile of a municipality; it shows itself in a notebook.

    Parameters
    ----------
    municipality
        NIS code or name.
    scores
        Scores of your own (schema ``scores``); those of ``data/processed`` when not given.
    region
        Group it is drawn in, such as ``neteland``; its home region when empty.
    comparator
        What to compare it with: a group of ``regions.yml`` or codes separated by commas; the region when empty.
    language
        Such as ``nl`` or ``en``; the project's first when empty.
    sections
        Names of the sections to show, in their order; all when empty.
    data
        Figures with an indicator of your own (`with_indicator`); those of the project when not given.

    Returns
    -------
    ProfilePage
        The page, with a method for every section.

    Raises
    ------
    UsageError
        When a municipality, region, comparator, language or section is not known.

    Examples
    --------
    >>> profile("Herentals", language="en")
    Profile of 13011 Herentals in Neteland, compared with Neteland
    """
    dataset = data or load_dataset()
    if scores is not None:
        dataset = dataset.with_scores(scores)
    page = ProfilePage(subject(dataset, municipality, region=region, group=comparator, language=language))
    return page.with_sections(sections) if sections else page


def region(name: str, *, language: str = "", sections: str | Iterable[str] = ()) -> RegionPage:
    """Make the report of a region; it shows itself in a notebook.

    Parameters
    ----------
    name
        A group of ``regions.yml`` that does not depend on a municipality, or codes separated by commas.
    language, sections
        As in `profile`.

    Returns
    -------
    RegionPage
        The page, with a method for every section.

    Raises
    ------
    UsageError
        When the region, language or a section is not known.

    Examples
    --------
    >>> region("neteland", language="en")
    Report of Neteland (5 municipalities)
    """
    page = RegionPage(region_subject(load_dataset(), name, language=language))
    return page.with_sections(sections) if sections else page


def village(wanted: str, *, language: str = "", sections: str | Iterable[str] = ()) -> VillagePage:
    """Make the page of a village; it shows itself in a notebook.

    Parameters
    ----------
    wanted
        Code or name of the village, such as ``13011C`` or ``Morkhoven``.
    language, sections
        As in `profile`.

    Returns
    -------
    VillagePage
        The page, with a method for every section.

    Raises
    ------
    UsageError
        When the village, language or a section is not known, or several villages have the name.

    Examples
    --------
    >>> village("Morkhoven", language="en")
    Village 13011C Morkhoven in Herentals
    """
    page = VillagePage(village_subject(load_dataset(), wanted, language=language))
    return page.with_sections(sections) if sections else page


def coverage_table(name: str = "") -> pd.DataFrame:
    """Return how much is known of every municipality of a region, or of all.

    Parameters
    ----------
    name
        A region, or codes separated by commas; every municipality when empty.

    Returns
    -------
    pandas.DataFrame
        One row per municipality: ``nis_code``, ``name``, ``province`` where it is known and, per strand, the
        percentage of its indicators that have a value.

    Examples
    --------
    >>> coverage_table("neteland").set_index("name").loc["Olen", "residents"]
    np.float64(100.0)
    """
    dataset = load_dataset()
    codes = list(comparator_codes(dataset, name or dataset.geography.everywhere).codes)
    columns = [column for column in ("name", "province") if column in dataset.municipalities]
    table = dataset.municipalities.loc[codes, columns].copy()
    for strand in STRANDS:
        members = [ind.id for ind in dataset.framework.indicators.values() if ind.strand == strand]
        if members:
            table[strand] = 100 * dataset.values.loc[codes, members].notna().mean(axis=1)
    return table.reset_index()
