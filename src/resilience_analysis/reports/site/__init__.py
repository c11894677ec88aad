"""A page of all places that opens from a file: a map of any figure, places side by side, and a table.

It asks nothing of the network and needs no server. Without JavaScript it shows one map and the table.
"""

from __future__ import annotations

from pathlib import Path

from babel import Locale

from resilience_analysis.batch.folder import INDEX
from resilience_analysis.batch.manifest import read_manifest
from resilience_analysis.foundation.files import write_text
from resilience_analysis.foundation.project import Project
from resilience_analysis.foundation.texts import load_texts
from resilience_analysis.notebook import load_dataset
from resilience_analysis.reports.index_page import ON_MAP
from resilience_analysis.reports.kinds import KINDS
from resilience_analysis.reports.site.page import site_page

NAME = "site"


def write_site(project: Project, folder: Path, languages: list[str]) -> list[Path]:
    """Write the page of all places: ``site.html`` in the first language, ``site.en.html`` and so on in the others.

    Parameters
    ----------
    project
        Whose places and figures are shown.
    folder
        Where to write; profiles that lie there are linked to.
    languages
        Codes of languages.

    Returns
    -------
    list of pathlib.Path
        The pages, in the order of the languages.

    Raises
    ------
    UsageError
        When there is no such language.
    """
    dataset = load_dataset(project)
    names = {language: f"{NAME}.html" if place == 0 else f"{NAME}.{language}.html"
             for place, language in enumerate(languages)}  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    for language, name in names.items():
        texts = load_texts(language, project=project)
        others = {code: (Locale(code).display_name or code, names[code]) for code in languages if code != language}
        index = INDEX if (folder / INDEX).is_file() else ""
        write_text(folder / name, site_page(dataset, texts, links=_links(folder, language), others=others, index=index))
    return [folder / name for name in names.values()]


def _links(folder: Path, language: str) -> dict[str, str]:
    """Return the profiles of a language that lie in a folder, by the code of their place."""
    records = read_manifest(folder).reports.items()
    about = KINDS[ON_MAP].about.code
    found = {
        str(record["parameters"].get(about)): f"{stem}.html"
        for stem, record in records
        if record["kind"] == ON_MAP and record["language"] == language
    }
    return {code: name for code, name in found.items() if (folder / name).is_file()}
