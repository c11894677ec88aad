"""The kinds of reports: one row each, from which the commands, the tasks, the index and the engine follow.

To add one: a row in `KINDS`, a page (see `pages`) and a notebook ``notebooks/NAME.ipynb`` that shows it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resilience_analysis.batch.kinds import Application, Kind
from resilience_analysis.batch.tasks import Task
from resilience_analysis.foundation.project import Project
from resilience_analysis.foundation.texts import load_texts
from resilience_analysis.reports.plan import MUNICIPALITY, REGION, VILLAGE, About, Chosen
from resilience_analysis.reports.products import PRODUCTS

if TYPE_CHECKING:
    from resilience_analysis.profiles.dataset import Dataset

PROFILE_HELP = """Make the profiles of a region, of single municipalities, or of all.

Only what is missing or has changed is made: the notebook, its parameters, the figures a profile can show, the \
definitions, this package. Reports are HTML files in the folder of reports, with the executed notebooks below it in \
notebooks/, what each printed in logs/, and everything about the run in manifest.json.
"""


@dataclass(frozen=True)
class ReportKind:
    """One kind of report.

    Attributes
    ----------
    name
        What the manifest calls it, and its notebook.
    command
        The command that makes it.
    help
        What the command says of itself.
    about
        What each is about, which decides its parameters and the options of its command.
    page
        The class of its page, as ``module:class``; made of the subject (see `plan.About`).
    title
        Text with its title.
    heading
        Text above its reports in the index.
    prefix
        What its files begin with.
    downloads
        Whether the figures behind it lie beside it.
    dependence
        Returns a digest of all data that it can show, as ``module:function``; empty when it can show all.
    """

    name: str
    command: str
    help: str
    about: About
    page: str
    title: str
    heading: str
    prefix: str = ""
    downloads: bool = True
    dependence: str = ""
    notebook: str = field(init=False)

    def __post_init__(self) -> None:
        """Name its notebook."""
        object.__setattr__(self, "notebook", f"{self.name}.ipynb")

    def tasks(self, chosen: Sequence[Chosen], *, languages: Sequence[str], products: Sequence[str]) -> list[Task]:
        """Return one task per subject and language, in the order given."""
        wanted = tuple(product for product in products if self.downloads or product != "csv")
        return [
            Task(
                stem=f"{self.prefix}{subject.stem}.{language}",
                title=load_texts(language)(self.title, **{self.about.word: subject.names[language]}),
                notebook=self.notebook,
                parameters={**subject.parameters, "language": language},
                language=language,
                kind=self.name,
                products=wanted,
            )
            for language in dict.fromkeys(languages)
            for subject in chosen
        ]

    def make_page(self, dataset: Dataset, task: Task) -> Any:
        """Return the page that a report shows, without running its notebook."""
        page: Callable[..., Any] = named(self.page)
        return page(self.about.subject(dataset, task.parameters, task.language))


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


PRELOAD = (
    *(f"resilience_analysis.{name}" for name in ("notebook", "reports.document", "reports.downloads")),
    "scipy.stats",
)
"""What every report imports."""


def named(place: str) -> Any:
    """Return what a place in the code names, as ``module:name``: imported when it is needed."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


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
    from resilience_analysis.reports.products import framework_version  # noqa: PLC0415

    _ = load_dataset(project).together  # worked out once, for all reports
    framework_version(project)


def _family(kind: ReportKind, project: Project, task: Task) -> Hashable:
    from resilience_analysis.notebook import load_dataset  # noqa: PLC0415 - loads all libraries
    from resilience_analysis.reports.shared import family  # noqa: PLC0415

    return family(load_dataset(project), task, kind)


def _prepare(kind: ReportKind, project: Project, task: Task) -> bool:
    from resilience_analysis.notebook import load_dataset  # noqa: PLC0415 - loads all libraries
    from resilience_analysis.reports.shared import prepare  # noqa: PLC0415

    return prepare(load_dataset(project), task, kind)


def _dependence(kind: ReportKind, project: Project, task: Task) -> str:
    if not kind.dependence:
        return ""
    from resilience_analysis.notebook import load_dataset  # noqa: PLC0415 - loads all libraries

    digest: str = named(kind.dependence)(load_dataset(project), task)
    return digest


def _index(kinds: Mapping[str, ReportKind], project: Project, folder: Path, records: Mapping[str, Any]) -> None:
    from resilience_analysis.reports.index import write_index  # noqa: PLC0415 - loads all libraries

    write_index(project, folder, records, kinds)
