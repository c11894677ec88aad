"""The kinds of reports: one row each, from which the commands, the tasks, the index and the engine follow.

To add one: a row in `KINDS`, a page (see `pages`) and a notebook ``notebooks/NAME.ipynb`` that shows it. To add what is
made of each (HTML, figures, PDF): a function from an `Executed` to the bytes of its files, in `PRODUCTS`. What makes
them is loaded when it is needed: see `later`.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from resilience_analysis.batch.stale import input_digests, kept_for
from resilience_analysis.batch.tasks import Application, Product, Task
from resilience_analysis.foundation.project import Project
from resilience_analysis.foundation.texts import Texts, load_texts

if TYPE_CHECKING:
    from resilience_analysis.pages.subject import Subject
    from resilience_analysis.profiles.dataset import Dataset


def named(place: str) -> Any:
    """Return what a place in the code names, as ``module:name``: imported when it is needed."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


def later(place: str, *given: Any, **options: Any) -> Any:
    """Call a function of this package, as ``module:name``, whose module is loaded for it."""
    return named(f"resilience_analysis.{place}")(*given, **options)


@dataclass(frozen=True)
class Wanted:
    """What a command was asked for."""

    named: Sequence[str] = ()  # codes or names of what reports are about; empty for all of a region
    region: str = ""  # a group of ``regions.yml``, or codes separated by commas
    comparator: str = ""  # what each is compared with: a group, or codes; the region when empty
    everything: bool = False  # all there are


@dataclass(frozen=True)
class Chosen:
    """What one report is about."""

    stem: str  # its part of the name of the files
    names: Mapping[str, str]  # its name by language
    parameters: Mapping[str, str]  # for the notebook, the language left out


@dataclass(frozen=True)
class About:
    """What reports of a kind are about: decides their parameters, and the options of their command."""

    word: str  # what texts call its name
    code: str  # the parameter that identifies it
    named: tuple[str, str]
    """What the command says of its arguments: what they are, and which are taken when there are none."""
    options: tuple[str, ...]
    """Options of the command beyond those of all: ``nis``, ``region``, ``everything``, ``comparator``."""
    choose: Callable[[Project, Wanted], list[Chosen]]  # finds what is wanted, checked
    maker: str  # function of `pages.subject` that finds everything about it

    def subject(self, dataset: Dataset, given: Mapping[str, str], language: str) -> Subject:
        """Return what the page of a report is made of, from its parameters and language."""
        beside = {"region": given["region"], "group": given["comparator"]} if "comparator" in given else {}
        maker = f"pages.subject:{self.maker}"
        found: Subject = later(maker, dataset, given[self.code], language=language, **beside)
        return found


MUNICIPALITY = About(
    "place", "nis_code", ("Codes, names or groups.", "those of the region"),
    ("nis", "region", "everything", "comparator"), partial(later, "reports.places:choose_municipalities"), "subject",
)  # fmt: skip
REGION = About(
    "region", "region", ("Groups of regions.yml, or codes with commas.", "that of project.yml"),
    (), partial(later, "reports.places:choose_regions"), "region_subject",
)  # fmt: skip
VILLAGE = About(
    "village", "village", ("Codes, names or groups.", "those of the region"),
    ("region",), partial(later, "reports.places:choose_villages"), "village_subject",
)  # fmt: skip


@dataclass(frozen=True)
class ReportKind:
    """One kind of report."""

    name: str  # what the manifest calls it, and its notebook
    command: str  # the command that makes it
    help: str  # what the command says of itself
    about: About  # what each is about, which decides its parameters and the options of its command
    page: str  # the class of its page, as ``module:class``; made of the subject (see `About`)
    title: str  # text with its title
    heading: str  # text above its reports in the index
    prefix: str = ""  # what its files begin with
    downloads: bool = True  # whether the figures behind it lie beside it
    dependence: str = ""
    """Returns a digest of all data that it can show, as ``module:function``; empty when it can show all."""

    @property
    def notebook(self) -> str:
        """Its notebook."""
        return f"{self.name}.ipynb"

    def tasks(self, chosen: Sequence[Chosen], *, languages: Sequence[str], products: Sequence[str]) -> list[Task]:
        """Return one task per subject and language, in the order given."""
        wanted = tuple(product for product in products if self.downloads or product != "csv")
        texts = {language: load_texts(language) for language in languages}
        return [self._task(one, said, wanted) for said in texts.values() for one in chosen]

    def _task(self, subject: Chosen, texts: Texts, products: tuple[str, ...]) -> Task:
        language = texts.language
        title = texts(self.title, **{self.about.word: subject.names[language]})
        parameters, stem = {**subject.parameters, "language": language}, f"{self.prefix}{subject.stem}.{language}"
        return Task(stem, title, self.notebook, parameters, language, self.name, products)

    def make_page(self, dataset: Dataset, task: Task) -> Any:
        """Return the page that a report shows, without running its notebook."""
        page: Callable[..., Any] = named(self.page)
        return page(self.about.subject(dataset, task.parameters, task.language))


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
            dependence="resilience_analysis.reports.content:profile_dependence",
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


PRODUCTS: Mapping[str, Product] = {
    "html": Product((".html",), partial(later, "reports.content:as_html")),
    "csv": Product((".csv", ".excel.csv", ".datapackage.json"), partial(later, "reports.content:as_csv"), exact=True),
    "pdf": Product((".pdf",), partial(later, "reports.content:as_pdf")),
}
PRELOAD = (*(f"resilience_analysis.{name}" for name in ("notebook", "pages.render", "reports.content")),)
"""What every report imports."""


def application() -> Application:
    """Return what the engine is used for here."""
    kinds, of = dict(KINDS), partial(partial, later)  # functions of modules that are loaded then
    return Application(
        PRODUCTS, preload=PRELOAD, load=of("reports.content:load"), index=of("reports.index:write_index", kinds),
        family=partial(_of_kind, "family", kinds), prepare=partial(_of_kind, "prepare", kinds),
        dependence=partial(_dependence, kinds),
    )  # fmt: skip


def _of_kind(function: str, kinds: Mapping[str, ReportKind], project: Project, task: Task, *more: Any) -> Any:
    return later(f"reports.content:{function}", kinds[task.kind], project, task, *more)


def _dependence(kinds: Mapping[str, ReportKind], project: Project, task: Task) -> str:
    return str(_of_kind("dependence", kinds, project, task)) if kinds[task.kind].dependence else ""


def remembered(project: Project, asked: Mapping[str, Any], find: Callable[[], list[Task]]) -> list[Task]:
    """Return the tasks that a command asks for; kept while nothing that they follow from changes."""
    kept = kept_for(project, input_digests(project, []))
    found = kept.plain(f"tasks {json.dumps(asked, sort_keys=True)}", lambda: [asdict(task) for task in find()])
    return [Task(**{**task, "products": tuple(task["products"])}) for task in found]
