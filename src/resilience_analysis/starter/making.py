"""Write a new project: whole or not at all, ready for ``resilience build``."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat

from resilience_analysis.build import freeze_goalposts
from resilience_analysis.checks import NOT_COMPARED
from resilience_analysis.data.catalogue import accept, read_catalogue
from resilience_analysis.foundation.cells import write_table
from resilience_analysis.foundation.errors import UsageError, refusal, unknown
from resilience_analysis.foundation.files import write_text, write_yaml
from resilience_analysis.foundation.project import Project, example_folder
from resilience_analysis.foundation.texts import languages, load_texts
from resilience_analysis.starter.drafts import (
    Draft,
    extent_of,
    framework_draft,
    identifier,
    project_draft,
    reference_system,
    regions_draft,
    sources_draft,
)
from resilience_analysis.starter.tables import KEY, read_brought, read_metadata

EXAMPLES = ("neteland",)
NOTEBOOKS = ("profile", "region")
IGNORED = "/data/private/\n/data/example/\n/reports*/\n/.cache/\n.ipynb_checkpoints/\n"
_EXAMPLE_PARTS = ("definitions", "data/raw", "notebooks")


def new_example(folder: Path, name: str) -> None:
    """Copy an example that comes with the package to a new folder.

    Raises
    ------
    UsageError
        When there is no such example, or the folder exists and is not empty.
    """
    if name not in EXAMPLES:
        raise UsageError(unknown("example", name, EXAMPLES))
    _refuse_full(folder)
    for part in _EXAMPLE_PARTS:
        shutil.copytree(example_folder() / part, folder / part, dirs_exist_ok=True)
    write_text(folder / ".gitignore", IGNORED)


def new_project(
    folder: Path,
    data: Path,
    boundaries: Path,
    *,
    code: str = "",
    label: str = "",
    year: int | None = None,
    crs: str = "",
    sheet: str = "",
    metadata: Path | None = None,
    wanted: tuple[str, ...] = (),
    name: str = "",
) -> list[str]:
    """Make a project from a table of indicators and boundaries.

    Parameters
    ----------
    metadata
        A table that describes the indicators, see `read_metadata`.
    name
        What all places together are called; the name of the folder when empty.

    Returns
    -------
    list of str
        What was assumed, one sentence each.

    Raises
    ------
    UsageError
        When the folder exists and is not empty, or a column or language is not known.
    InputError
        When a file has faults.
    """
    _refuse_full(folder)
    strange = [language for language in wanted if language not in languages()]
    if strange:
        raise UsageError(unknown("language", strange[0], languages()))
    brought = read_brought(data, boundaries, code=code, label=label, year=year, crs=crs, sheet=sheet)
    described = None if metadata is None else read_metadata(metadata, brought)
    named = name or folder.resolve().name.replace("_", " ").replace("-", " ").title()
    draft = Draft(named, wanted or languages()[:1], brought, described, (data.name, boundaries.name))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        made = Path(scratch) / "project"
        assumed = _write(made, draft)
        if folder.is_dir():
            folder.rmdir()  # it is empty
        made.rename(folder)
    return assumed


def _refuse_full(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} exists and is not empty: name another folder")


def _write(root: Path, draft: Draft) -> list[str]:
    """Write everything below `root`; return what was assumed."""
    brought, project = draft.brought, Project(root)
    tables = _tables(draft)
    flat = _flat(draft)
    if flat.issuperset(draft.codes):
        what = "no column of numbers differs between places, so that nothing can be scored"
        raise refusal(draft.files[0], what, "Bring more places or other indicators")
    assumed = [*brought.assumed, *_said(draft, flat)]
    definitions: Mapping[str, Any] = {
        "project": project_draft(draft, reference_system(brought.shapes), extent_of(brought.shapes)),
        "framework": framework_draft(draft, tables, flat.__contains__),
        "regions": regions_draft(draft),
    }
    for name, content in definitions.items():
        write_yaml(project.definitions / f"{name}.yml", content)
    write_yaml(project.raw / "sources.yml", sources_draft(draft, tables))
    write_table(project.raw / "places.csv", brought.names.rename_axis(KEY[0]).reset_index())
    shapes = brought.shapes[[KEY[0], "geometry"]].sort_values(KEY[0])
    shapes.to_file(project.raw / "boundaries.gpkg", driver="GPKG", layer="boundaries")
    for code, (_, columns) in tables.items():
        write_table(project.raw / f"{code}.csv", brought.values[[*KEY, *columns]].rename(columns=draft.codes))
    _write_notebooks(project, draft)
    write_text(root / "README.md", _readme(draft, assumed))
    write_text(root / ".gitignore", IGNORED)
    accept(project.raw, read_catalogue(project.raw))
    freeze_goalposts(project, today=dt.datetime.now(tz=dt.UTC).date())
    return assumed


def _tables(draft: Draft) -> dict[str, tuple[str, list[str]]]:
    """Return, by code of a source, what it is called and its columns."""
    found: dict[str, tuple[str, list[str]]] = {}
    for name, columns in draft.sources.items():
        found[identifier(Path(name).stem, ["places", "boundaries", *found])] = (name, columns)
    return found


def _flat(draft: Draft) -> set[str]:
    """Return the columns that cannot be scored: half or more of the latest values at one end of their range."""
    table = draft.brought.values
    return {column for column in draft.codes if _cannot_be_scored(table, column)}


def _cannot_be_scored(table: Any, column: str) -> bool:
    known = table.dropna(subset=column)
    values = known.loc[known["year"] == known["year"].max(), column]
    if values.empty:
        return True
    low, high = values.quantile(0.05), values.quantile(0.95)
    return bool(not low < high or (values <= low).mean() > 0.5 or (values >= high).mean() > 0.5)  # noqa: PLR2004


def _said(draft: Draft, flat: set[str]) -> list[str]:
    said = []
    if draft.metadata is None:
        said.append("all indicators are in one factor with direction +1 (more is better): look at framework.yml")
    left_out = [column for column in draft.brought.indicators if column not in draft.codes]
    if left_out:
        said.append(f"columns that the metadata do not describe are left out: {', '.join(left_out)}")
    if flat:
        said.append(f"shown beside the scores, as (nearly) all places have the same value: {', '.join(sorted(flat))}")
    if len(draft.languages) > 1:
        said.append("labels are the same in every language until you translate them")
    return said


def _write_notebooks(project: Project, draft: Draft) -> None:
    """Write the notebooks of the reports, without outputs, with parameters of this project."""
    language, first = draft.languages[0], str(draft.brought.names.index[0])
    given = {"nis_code": first, "region": "region", "comparator": "", "language": language}
    for name in NOTEBOOKS:
        notebook = nbformat.read(example_folder() / "notebooks" / f"{name}.ipynb", as_version=4)
        for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
            cell.outputs, cell.execution_count = [], None
            if "parameters" in cell.metadata.get("tags", []):
                asked = [line.split(" = ")[0] for line in cell.source.splitlines()]
                cell.source = "\n".join(f'{name} = "{given[name]}"' for name in asked)
        notebook.metadata["resilience"] = {NOT_COMPARED: True}  # it has not run yet
        write_text(project.notebooks / f"{name}.ipynb", nbformat.writes(notebook) + "\n")


def _readme(draft: Draft, assumed: list[str]) -> str:
    texts = load_texts(draft.languages[0])
    data, boundaries = draft.files
    lines = "\n".join(f"- {line}" for line in assumed)
    first = str(draft.brought.names.index[0])
    return texts("starter.readme", name=draft.name, data=data, areas=boundaries, first=first, assumed=lines)
