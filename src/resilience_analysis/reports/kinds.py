"""The kinds of reports: one row each, from which the commands, the tasks, the index and the engine follow.

To add one: a row in `KINDS`, a page (see `pages`) and a notebook ``notebooks/NAME.ipynb`` that shows it. To add what is
made of each (HTML, figures, PDF): a function from an `Executed` to the bytes of its files, in `PRODUCTS`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from resilience_analysis.batch.stale import code_digest, input_digests
from resilience_analysis.batch.tasks import Application, Executed, Kind, Product, Task
from resilience_analysis.foundation.files import write_json
from resilience_analysis.foundation.project import Project
from resilience_analysis.reports.plan import MUNICIPALITY, REGION, VILLAGE, ReportKind, named


def as_html(executed: Executed) -> tuple[bytes]:
    """Make the report as one HTML document."""
    return (_html(executed).encode("utf-8"),)


def as_pdf(executed: Executed) -> tuple[bytes]:
    """Print the HTML document as PDF."""
    from resilience_analysis.batch.pdf import to_pdf  # noqa: PLC0415 - an extra
    from resilience_analysis.pages.views import plain_pictures  # noqa: PLC0415

    return (to_pdf(plain_pictures(_html(executed))),)


def as_csv(executed: Executed) -> tuple[bytes, bytes, bytes]:
    """Return the figures of the report as CSV, as CSV for a Dutch spreadsheet, and a descriptor of both."""
    from resilience_analysis.reports.downloads import download_files  # noqa: PLC0415

    return download_files(executed.project, executed.task)


def _html(executed: Executed) -> str:
    from resilience_analysis.foundation.texts import load_texts  # noqa: PLC0415 - heavy, only where it is used
    from resilience_analysis.notebook import load_dataset  # noqa: PLC0415
    from resilience_analysis.pages.render import ReportFacts, to_html  # noqa: PLC0415

    task = executed.task
    facts = ReportFacts(
        title=task.title,
        made=executed.made,
        framework=load_dataset(executed.project).framework.version,
        mark=executed.mark,
        download=f"{task.stem}{PRODUCTS['csv'].suffixes[0]}" if "csv" in task.products else "",
    )
    return to_html(executed.notebook, facts, load_texts(task.language, project=executed.project))


PRODUCTS: Mapping[str, Product] = {
    "html": Product((".html",), as_html),
    "csv": Product((".csv", ".excel.csv", ".datapackage.json"), as_csv, exact=True),
    "pdf": Product((".pdf",), as_pdf),
}


PROFILE_HELP = """Make the profiles of a region, of single municipalities, or of all.

Only what is missing or has changed is made: the notebook, its parameters, the figures a profile can show, the \
definitions, this package. Reports are HTML files in the folder of reports, with the executed notebooks below it in \
notebooks/, what each printed in logs/, and everything about the run in manifest.json.
"""


KINDS: dict[str, ReportKind] = {
    kind.name: kind
    for kind in (
        ReportKind(
            "profile", "profiles", PROFILE_HELP, MUNICIPALITY,
            page="resilience_analysis.pages.profile:ProfilePage", title="profile.title", heading="index.profiles",
            dependence="resilience_analysis.reports.dependence:profile_dependence",
        ),
        ReportKind(
            "region", "region",
            "Make the report of a region: its municipalities side by side, on the map, and who can learn from whom.",
            REGION, page="resilience_analysis.pages.region:RegionPage", title="region.title", heading="index.regions",
            prefix="region-",
        ),
        ReportKind(
            "village", "villages",
            "Make a page for every village that is known: where it lies, and questions to start with.",
            VILLAGE, page="resilience_analysis.pages.village:VillagePage", title="village.title",
            heading="index.villages", prefix="village-", downloads=False,
        ),
    )
}  # fmt: skip


PRELOAD = (*(f"resilience_analysis.{name}" for name in ("notebook", "pages.render", "reports.downloads")),)
"""What every report imports."""


def application() -> Application:
    """Return what the engine is used for here."""
    return Application(
        products=PRODUCTS,
        kinds={
            name: Kind(partial(_family, kind), partial(_prepare, kind), partial(_dependence, kind))
            for name, kind in KINDS.items()
        },
        preload=PRELOAD,
        load=load,
        index=partial(_index, dict(KINDS)),
    )


def load(project: Project) -> None:
    """Load what every report uses."""
    from resilience_analysis.notebook import load_dataset  # noqa: PLC0415 - loads all libraries
    from resilience_analysis.pages.render import load_templates  # noqa: PLC0415

    _ = load_dataset(project).together  # worked out once, for all reports
    load_templates()


def _family(kind: ReportKind, project: Project, task: Task) -> Hashable:
    from resilience_analysis.notebook import load_dataset  # noqa: PLC0415 - loads all libraries
    from resilience_analysis.reports.dependence import family  # noqa: PLC0415

    return family(load_dataset(project), task, kind)


def _prepare(kind: ReportKind, project: Project, task: Task, family: Hashable) -> bool:
    from resilience_analysis.notebook import load_dataset  # noqa: PLC0415 - loads all libraries
    from resilience_analysis.reports.dependence import prepare  # noqa: PLC0415
    from resilience_analysis.reports.downloads import prepare_figures  # noqa: PLC0415

    made = prepare(load_dataset(project), task, kind, family)
    if made:  # what all places share of these is kept too
        _dependence(kind, project, task)
        prepare_figures(load_dataset(project), task.language)
    return made


def _dependence(kind: ReportKind, project: Project, task: Task) -> str:
    if not kind.dependence:
        return ""
    from resilience_analysis.notebook import load_dataset  # noqa: PLC0415 - loads all libraries

    digest: str = named(kind.dependence)(load_dataset(project), task)
    return digest


def _index(kinds: Mapping[str, ReportKind], project: Project, folder: Path, records: Mapping[str, Any]) -> None:
    from resilience_analysis.reports.index import write_index  # noqa: PLC0415 - loads all libraries

    write_index(project, folder, records, kinds)


NAME = ".asked.json"
MOST = 20
"""So many questions are remembered."""


def remembered(project: Project, folder: Path, asked: Mapping[str, Any], find: Callable[[], list[Task]]) -> list[Task]:
    """Return the tasks of a command, from the folder of reports where they were found before.

    Parameters
    ----------
    folder
        Folder of reports; nothing is remembered where there is none.
    asked
        What the command was asked for, as JSON knows it.
    find
        Finds the tasks.
    """
    known = _read(folder)
    question = [asked, input_digests(project, []), code_digest(), project.example]
    key = hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()
    with contextlib.suppress(TypeError, AttributeError):  # of another version
        if key in known:
            return [Task(**{**found, "products": tuple(found["products"])}) for found in known[key]]
    tasks = find()
    if folder.is_dir():
        with contextlib.suppress(OSError):
            write_json(folder / NAME, dict([*known.items(), (key, [asdict(task) for task in tasks])][-MOST:]))
    return tasks


def _read(folder: Path) -> dict[str, Any]:
    try:
        content = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
