"""What a report holds: its document and the figures beside it; what in the data it depends on, and shares with others.

A profile shows its own rows, those of its region and of the group it is compared with (each section says which), and
how all municipalities are spread. A correction elsewhere that moves none of these leaves it as it is.
`tests/reports/test_dependence.py` compares this with the profiles themselves.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

import geopandas as gpd
import pandas as pd

from resilience_analysis.batch.stale import input_digests, kept_for
from resilience_analysis.batch.tasks import Executed, Task
from resilience_analysis.data.processed import LARGE, Processed
from resilience_analysis.drawing.classes import classify
from resilience_analysis.foundation.cells import csv_of_rows
from resilience_analysis.foundation.definitions import in_language
from resilience_analysis.foundation.files import json_bytes
from resilience_analysis.foundation.project import Project
from resilience_analysis.foundation.texts import Texts, load_texts
from resilience_analysis.foundation.vocabulary import is_missing
from resilience_analysis.indicators.framework import Context, Indicator
from resilience_analysis.notebook import load_dataset
from resilience_analysis.pages.page import EVERYTHING, GROUP, OWN, REGION, what_sections_rest_on
from resilience_analysis.pages.profile import ProfilePage
from resilience_analysis.pages.render import ReportFacts, load_templates, plain_pictures, to_html
from resilience_analysis.pages.sections.housing import mapped_growth
from resilience_analysis.pages.subject import Subject
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.profiles.rows import Comparator, Facts, FactTable, factor_facts, indicator_facts
from resilience_analysis.reports.kinds import KINDS, MUNICIPALITY, PRODUCTS, ReportKind, Wanted, named
from resilience_analysis.reports.kinds import REGION as A_REGION


def load(project: Project) -> None:
    """Load what every report uses."""
    _ = load_dataset(project).together  # worked out once, for all reports
    load_templates()


def keep_ahead(project: Project, tables: Processed) -> None:
    """Keep tables that were built, what profiles take of all places, and what those of a first region share."""
    kept = kept_for(project, input_digests(project, []))
    for name in LARGE:
        kept.keep_table(name, getattr(tables, name))
    load(project)
    kind, language = KINDS["profile"], project.settings.languages[0]
    first = MUNICIPALITY.choose(project, Wanted(everything=True))[:1]
    for task in kind.tasks(first, languages=[language], products=[]):
        kind.make_page(load_dataset(project), task).prepare()
        dependence(kind, project, task)


def as_html(executed: Executed) -> tuple[bytes]:
    """Make the report as one HTML document."""
    return (_html(executed).encode("utf-8"),)


def as_pdf(executed: Executed) -> tuple[bytes]:
    """Print the HTML document as PDF."""
    from resilience_analysis.batch.pdf import to_pdf  # noqa: PLC0415 - an extra

    return (to_pdf(plain_pictures(_html(executed))),)


def _html(executed: Executed) -> str:
    task, project = executed.task, executed.project
    download = f"{task.stem}{PRODUCTS['csv'].suffixes[0]}" if "csv" in task.products else ""
    version = load_dataset(project).framework.version
    facts = ReportFacts(task.title, executed.made, version, executed.mark, download)
    return to_html(executed.notebook, facts, load_texts(task.language, project=project))


CODE = "nis_code"
SHOWN_DISTANCE = 2  # decimals


def profile_dependence(dataset: Dataset, task: Task) -> str:
    """Return the SHA-256 of everything in the data that a profile can show."""
    about = MUNICIPALITY.subject(dataset, task.parameters, task.language)
    ground = dataset.keep("dependence", lambda: dataset.disk.plain("dependence", lambda: _ground(dataset)))
    rests_on = what_sections_rest_on(ProfilePage.sections)
    codes = {OWN: (about.nis_code,), REGION: about.region.codes, GROUP: about.group.codes, EVERYTHING: ground["rows"]}
    circle = dict.fromkeys(code for name, some in codes.items() if name in rests_on for code in some)
    distances = dataset.distances(about.nis_code)[list(about.group.codes)]
    parts = [
        ground["shared"], *(f"{code} {ground['rows'][code]}" for code in circle), ground["below"][about.nis_code],
        distances.round(SHOWN_DISTANCE).to_json(), " ".join(distances.sort_values(kind="stable").index),
    ]  # fmt: skip
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _ground(dataset: Dataset) -> dict[str, Any]:
    """Return digests of all data, as far as they do not differ from one profile to another.

    ``shared``: of what every profile can show; ``rows``: of all rows about a municipality, by its NIS code; ``below``:
    of the place of each among all on every scored indicator, by its NIS code (nothing says it of the context).
    """
    tables = {field.name: getattr(dataset.tables, field.name) for field in fields(dataset.tables)}
    by_place = {name: table for name, table in tables.items() if _is_about_places(table)}
    whole = [table for name, table in tables.items() if name not in by_place]
    digest = hashlib.sha256()
    for content in (*whole, *_statistics(dataset)):
        digest.update(_bytes(content))
    below = dataset.values[list(dataset.framework.indicators)].rank(method="min")
    places = {str(code): hashlib.sha256(row.tobytes()).hexdigest() for code, row in zip(below.index, below.to_numpy())}  # noqa: B905
    return {"shared": digest.hexdigest(), "rows": _digests_of_rows(by_place.values()), "below": places}


def _is_about_places(table: Any) -> bool:
    plain = isinstance(table, pd.DataFrame) and not isinstance(table, gpd.GeoDataFrame)
    return plain and CODE in (table.index.name, *table.columns)


def _statistics(dataset: Dataset) -> list[Any]:
    """Return what profiles show of all municipalities together."""
    mapped = [code for code in (*dataset.framework.mapped, mapped_growth(dataset)) if code in dataset.values]
    last_years = dataset.tables.observations.groupby("variable")["year"].max()
    spreads = [dataset.spread(dataset.everywhere), dataset.score_spread(dataset.everywhere)]
    classes = str([classify(dataset.values[code]) for code in mapped])
    return [*spreads, last_years.to_frame(), classes, str(dataset.years), str(dataset.has_margins)]


def _digests_of_rows(tables: Iterable[pd.DataFrame]) -> dict[str, str]:
    digests: dict[str, Any] = {}
    for table in tables:
        flat = table.reset_index() if table.index.name == CODE else table
        texts = flat.select_dtypes(["str", "object"]).columns
        flat = flat.astype(dict.fromkeys(texts, "category"))  # each different text is looked at once
        for code, rows in pd.util.hash_pandas_object(flat, index=False).groupby(flat[CODE]):
            digests.setdefault(str(code), hashlib.sha256()).update(rows.to_numpy().tobytes())
    return {code: digest.hexdigest() for code, digest in digests.items()}


def _bytes(content: Any) -> bytes:
    if isinstance(content, gpd.GeoDataFrame):
        return b"".join(content.geometry.to_wkb()) + _bytes(pd.DataFrame(content.drop(columns=content.geometry.name)))
    if isinstance(content, pd.DataFrame):
        return pd.util.hash_pandas_object(content).to_numpy().tobytes()
    return str(content).encode()


FAMILIES = 3  # of how many families of reports what they share is kept: some megabytes each
_drawn: OrderedDict[Hashable, frozenset[Hashable]] = OrderedDict()


def family(kind: ReportKind, project: Project, task: Task) -> Hashable:
    """Return what a report has in common with those that share its base drawings."""
    about = kind.about.subject(load_dataset(project), task.parameters, task.language)
    return (task.language, about.region.codes) if isinstance(about, Subject) else kind.name


def dependence(kind: ReportKind, project: Project, task: Task) -> str:
    """Return a digest of all data that a report of a kind which names one can show."""
    return str(named(kind.dependence)(load_dataset(project), task))


def prepare(kind: ReportKind, project: Project, task: Task, name: Hashable = None) -> bool:
    """Make what a report shares with its family, which the dataset keeps; returns whether there was anything to do."""
    dataset = load_dataset(project)
    name = family(kind, project, task) if name is None else name
    made = name not in _drawn
    if made:
        while len(_drawn) >= FAMILIES:
            _, drawn = _drawn.popitem(last=False)
            for key in drawn.intersection(dataset.kept):
                del dataset.kept[key]
        before = set(dataset.kept)
        kind.make_page(dataset, task).prepare()
        _drawn[name] = frozenset(dataset.kept).difference(before)
        if kind.dependence:  # what all places share of this, and of the figures, is kept too
            dependence(kind, project, task)
        prepare_figures(dataset, task.language)
    _drawn.move_to_end(name)
    return made


_KINDS = {
    "integer": {"direction", "year", "everywhere_n"},
    "number": {
        "n", "value", "low", "high", "score", "score_low", "score_high", "coverage", "group_median", "everywhere_q1",
        "everywhere_median", "everywhere_q3",
    },
}  # fmt: skip
_NAMES = (
    "nis_code", "municipality", "level", "code", "label", "factor", "strand", "aspect", "unit", "direction", "year",
    "n", "value", "low", "high", "missing_reason", "score", "score_low", "score_high", "coverage", "group_median",
    "everywhere_q1", "everywhere_median", "everywhere_q3", "everywhere_n", "source", "licence",
)  # fmt: skip
COLUMNS = {name: next((kind for kind, names in _KINDS.items() if name in names), "string") for name in _NAMES}
"""Every column of the table with its type, as Frictionless names it."""

_SPREAD = {f"everywhere_{name}": f"all_{name}" for name in ("q1", "median", "q3", "n")}
_PLAIN: Mapping[str, Callable[[Any], Any]] = {"string": str, "integer": int, "number": float}
_CELLS = [(_SPREAD.get(name, name), _PLAIN[kind]) for name, kind in COLUMNS.items()]


def figures(dataset: Dataset, codes: list[str], group: Comparator, *, language: str) -> list[list[Any]]:
    """Return all figures that reports about some municipalities show, with the median of a group.

    Returns
    -------
    list
        One row per municipality and indicator, context indicator or factor and strand (``level``), cells as in
        `COLUMNS`; full precision, missing values (None) with their reason.
    """
    facts, scores = prepare_figures(dataset, language)
    rows = (
        {"nis_code": code, "municipality": dataset.names[code], **row}
        for code in codes
        for row in (*_indicators(dataset, code, group, facts, scores), *_factors(dataset, code, group, language))
    )
    return [[None if is_missing(value := row.get(name)) else plain(value) for name, plain in _CELLS] for row in rows]


def prepare_figures(dataset: Dataset, language: str) -> tuple[Mapping[str, Facts], FactTable]:
    """Return what is the same for all municipalities of every indicator, and the scores of all, worked out once."""

    def make() -> dict[str, Facts]:
        return {code: _facts(dataset, entry, language) for code, entry in dataset.framework.entries.items()}

    facts = dataset.keep(("entry facts", language), make)
    return facts, dataset.keep("scores of indicators", lambda: _indicator_scores(dataset))


def _indicators(
    dataset: Dataset, nis_code: str, group: Comparator, facts: Mapping[str, Facts], scores: FactTable
) -> Iterator[Facts]:
    own = dict(scores.of(nis_code))
    for code, row in indicator_facts(dataset, nis_code, group).items():
        yield {"code": code, **row, **facts[code], **own.get(code, {})}


def _indicator_scores(dataset: Dataset) -> FactTable:
    """Return the scores of every indicator that has one."""
    strands = {code: entry.strand for code, entry in dataset.framework.indicators.items()}
    scored = [key for key in strands.items() if key in dataset.scores["score"].columns]
    names = {"score": "score", "low": "score_low", "high": "score_high"}
    columns = {given: dataset.scores[name][scored].to_numpy(dtype=float) for name, given in names.items()}
    return FactTable([code for code, _ in scored], dataset.places, columns, [{} for _ in scored])


def _facts(dataset: Dataset, entry: Indicator | Context, language: str) -> Facts:
    source = dataset.catalogue.get(entry.source)
    facts: Facts = {
        "label": entry.label[language],
        "unit": entry.unit,
        "source": in_language(source.citation, language) if source else entry.source,
        "licence": source.licence[language] if source else "",
    }
    if isinstance(entry, Context):
        return {**facts, "level": "context", "strand": "context"}
    own = {name: getattr(entry, name) for name in ("strand", "aspect", "direction")}
    return {**facts, "level": "indicator", "factor": entry.dimension, **own}


def _factors(dataset: Dataset, nis_code: str, group: Comparator, language: str) -> Iterator[Facts]:
    for row in factor_facts(dataset, nis_code, group):
        dimension = row["dimension"]
        label = dataset.framework.dimensions[dimension].label[language]
        named = {"level": "factor", "code": dimension, "factor": dimension, "label": label, "unit": "0-100"}
        scores = {"score_low": row["low"], "score_high": row["high"], "low": None, "high": None}
        yield {**row, **scores, **named}


BYTE_ORDER_MARK = "\ufeff"


def as_csv(executed: Executed) -> tuple[bytes, bytes, bytes]:
    """Return the figures of the report as CSV, as CSV for a Dutch spreadsheet, and a descriptor of both."""
    return download_files(executed.project, executed.task)


def download_files(project: Project, task: Task) -> tuple[bytes, bytes, bytes]:
    """Return the figures behind a profile or regional report as CSV, as CSV for a spreadsheet, and their descriptor."""
    dataset, texts = load_dataset(project), load_texts(task.language, project=project)
    kind = MUNICIPALITY if MUNICIPALITY.code in task.parameters else A_REGION
    about = kind.subject(dataset, task.parameters, task.language)
    codes = [about.nis_code] if about.nis_code else list(about.region.codes)
    rows = figures(dataset, codes, about.group, language=task.language)
    synthetic = bool(dataset.tables.synthetic)
    described = descriptor(task.stem, title=task.title, language=task.language, texts=texts, synthetic=synthetic)
    return *csv_files(rows, texts), described


def csv_files(rows: Sequence[Sequence[Any]], texts: Texts) -> tuple[bytes, bytes]:
    """Return figures as CSV for programs and for Excel with Dutch settings; no cell starts a formula.

    The first has commas, decimal points and UTF-8 at full precision; the second semicolons, decimal commas, a byte
    order mark and headings in words.
    """
    headings = [texts(f"columns.{name}") for name in COLUMNS]
    words = csv_of_rows([headings, *rows], delimiter=";", point=",", line_end="\r\n")
    return csv_of_rows([COLUMNS, *rows]).encode("utf-8"), (BYTE_ORDER_MARK + words).encode("utf-8")


def descriptor(stem: str, *, title: str, language: str, texts: Texts, synthetic: bool) -> bytes:
    """Describe both files as a Frictionless data package."""
    columns = [{"name": name, "type": kind, "title": texts(f"columns.{name}")} for name, kind in COLUMNS.items()]
    comma = {"decimalChar": ","}
    words = [column | {"name": column["title"]} | (comma if column["type"] == "number" else {}) for column in columns]
    dialect = {"delimiter": ";", "lineTerminator": "\r\n"}
    package = {
        "profile": "tabular-data-package",
        "name": stem.replace(".", "-"),
        "title": title,
        "languages": [language],
        **({"description": texts("synthetic.mark")} if synthetic else {}),
        "resources": [
            _resource(f"{stem}.csv", columns, encoding="utf-8"),
            _resource(f"{stem}.excel.csv", words, encoding="utf-8-sig", dialect=dialect),
        ],
    }
    return json_bytes(package)


def _resource(path: str, fields: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    named = {"name": path.replace(".", "-"), "path": path, "profile": "tabular-data-resource", "format": "csv"}
    return {**named, **more, "schema": {"fields": fields, "missingValues": [""]}}
