"""Write the index of a folder of reports from its manifest: one page per language, in the project's order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from babel import Locale

from resilience_analysis.batch.folder import INDEX
from resilience_analysis.batch.manifest import Record
from resilience_analysis.foundation.files import write_text
from resilience_analysis.foundation.project import Project
from resilience_analysis.foundation.texts import languages, load_texts
from resilience_analysis.notebook import load_dataset
from resilience_analysis.pages.invented import banner
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.reports.index_page import Entry, index_page
from resilience_analysis.reports.plan import ReportKind

_FORMS = {"html": ".html", "pdf": ".pdf", "csv": ".csv", "excel": ".excel.csv", "descriptor": ".datapackage.json"}


def write_index(project: Project, folder: Path, reports: Mapping[str, Record], kinds: Mapping[str, ReportKind]) -> None:
    """Write ``index.html``, and one such as ``index.en.html`` beside it for each further language of the reports.

    Parameters
    ----------
    project
        Where the municipalities are.
    folder
        Folder of reports.
    reports
        The records of its manifest, by stem; those that failed, or are of a kind of one's own, are left out.
    kinds
        The kinds of reports, in the order of their lists.
    """
    whole = {stem: record for stem, record in reports.items() if record["kind"] in kinds and _is_made(record)}
    made = {record["language"] for record in whole.values()}
    used = [name for name in dict.fromkeys((*project.settings.languages, *languages())) if name in made]
    dataset = load_dataset(project)
    names = {language: INDEX if place == 0 else f"index.{language}.html" for place, language in enumerate(used)}
    order = sorted(kinds, key=lambda kind: kinds[kind].about.word != "region")  # what leads to others comes first
    for language, name in names.items():
        texts = load_texts(language, project=project)
        entries = [
            _entry(stem, record, dataset, kinds) for stem, record in whole.items() if record["language"] == language
        ]
        others = {other: (Locale(other).display_name or other, names[other]) for other in used if other != language}
        page = index_page(
            [entry for entry in entries if "html" in entry.files],
            dataset.boundaries,
            texts,
            made=dt.datetime.now(tz=dt.UTC).date(),
            synthetic=banner(texts, dataset.tables.synthetic),
            others=others,
            headings={kind: texts(kinds[kind].heading) for kind in order},
        )
        write_text(folder / name, page)


def _is_made(record: Record) -> bool:
    return bool(record["files"]) and not record["failure"]


def _entry(stem: str, record: Record, dataset: Dataset, kinds: Mapping[str, ReportKind]) -> Entry:
    kind = record["kind"]
    word, code = kinds[kind].about.word, str(record["parameters"].get(kinds[kind].about.code, stem))
    names = {"place": dataset.names, "village": dataset.villages.set_index("village_code")["name"]}
    # a municipality that was there when its report was made may have merged since
    name = str(names[word].get(code, record["title"])) if word in names else record["title"]
    files = {form: f"{stem}{suffix}" for form, suffix in _FORMS.items() if f"{stem}{suffix}" in record["files"]}
    return Entry(name, kind, code, files)
