"""A page of all places that opens from a file: a map of any figure, places side by side, and a table.

It asks nothing of the network and needs no server. Without JavaScript it shows one map and the table.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from babel import Locale

from resilience_analysis.batch.folder import INDEX, read_manifest
from resilience_analysis.drawing.classes import classify
from resilience_analysis.drawing.layers import palette
from resilience_analysis.foundation.cells import csv_text, visible
from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.foundation.files import write_text
from resilience_analysis.foundation.project import Project
from resilience_analysis.foundation.texts import Texts, load_texts
from resilience_analysis.foundation.vocabulary import is_missing
from resilience_analysis.indicators.framework import Context, Indicator
from resilience_analysis.indicators.scores import node
from resilience_analysis.notebook import load_dataset
from resilience_analysis.pages.render import banner, environment, report_css
from resilience_analysis.profiles.dataset import Dataset
from resilience_analysis.profiles.rows import comparator
from resilience_analysis.reports.index import ON_MAP, WIDTH, map_areas
from resilience_analysis.reports.kinds import KINDS

NAME = "site"


def write_site(project: Project, folder: Path, languages: list[str]) -> list[Path]:
    """Write the page of all places: ``site.html`` in the first language, ``site.en.html`` and so on in the others.

    Profiles that lie in the folder are linked to.

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


HERE = Path(__file__).parent
COMPARED = 4  # at most so many places are put side by side


def site_page(
    dataset: Dataset, texts: Texts, *, links: Mapping[str, str], others: Mapping[str, tuple[str, str]], index: str = ""
) -> str:
    """Return the page of all places.

    Links to profiles are by code of the place; `others` has the name and file of the page in other languages.

    Raises
    ------
    UsageError
        When there is not one figure to show.
    """
    found = measures(dataset, texts)
    if not found:
        raise UsageError("there is not one figure to show. Add figures to data/raw, then run resilience build")
    names = dataset.names.astype(str).map(visible).sort_values(key=lambda name: name.str.casefold())
    shown = [replace(measure, table=measure.table.loc[names.index]) for measure in found]
    first = _first(shown, dataset.framework.mapped)
    areas, height = map_areas(dataset.boundaries, {})
    groups = {group: [m for m in shown if m.group == group] for group in dict.fromkeys(m.group for m in shown)}
    content = {
        "places": [{"code": c, "name": name, "href": links.get(str(c), "")} for c, name in names.items()],
        "first": first, "groups": groups, "scores": [m for m in shown if m.unit == SCORE],
        "areas": areas, "width": WIDTH, "height": height, "chosen": _compared(dataset, names),
        "index": index, "others": others, "synthetic": banner(texts, dataset.tables.synthetic),
        "download": _data_address(shown, names), "data": _embedded(shown, names, areas, first),
        "colours": palette(), "missing": MISSING, "suppressed": SUPPRESSED, "compared": range(1, COMPARED + 1),
    }  # fmt: skip
    return environment(HERE).get_template("site.html.j2").render(t=texts, css=report_css(), **content)


def _first(shown: Sequence[Measure], mapped: Sequence[str]) -> Measure:
    """Return the measure to begin with: an indicator that profiles map, another indicator, or else a score."""
    by_code = {measure.code: measure for measure in shown}
    indicators = [measure.code for measure in shown if measure.unit != SCORE]
    return by_code[next(code for code in (*mapped, *indicators, shown[0].code) if code in by_code)]


def _compared(dataset: Dataset, names: pd.Series) -> list[str]:
    """Return the codes of the places to begin with: those of the project's region, or the first two."""
    inside = set(comparator(dataset, dataset.project.settings.region).codes)
    members = [str(code) for code in names.index if code in inside][:COMPARED]
    return members if len(members) > 1 else [str(code) for code in names.index[:2]]


def _data_address(shown: Sequence[Measure], names: pd.Series) -> str:
    """Return all values as a table that a link holds."""
    values = {measure.code: measure.table["value"] for measure in shown}
    table = pd.DataFrame({"name": names, **values}).rename_axis("code").reset_index()
    content = base64.b64encode(csv_text(table, float_format="%.6g").encode("utf-8")).decode("ascii")
    return f"data:text/csv;charset=utf-8;base64,{content}"


def _embedded(shown: Sequence[Measure], names: pd.Series, areas: pd.DataFrame, first: Measure) -> dict[str, Any]:
    middles = dict(zip(areas["code"], areas[["x", "y"]].to_numpy().tolist(), strict=True))
    return {
        "codes": list(names.index), "names": names.tolist(), "first": first.code,
        "middles": [middles.get(code) for code in names.index],
        "measures": [measure.embedded() for measure in shown],
    }  # fmt: skip


MISSING, SUPPRESSED = "x", "s"  # class of a place without a value, and of one whose value is hidden
SCORE = "0-100"
_WRITTEN = 6  # significant digits of what is embedded to sort by


@dataclass(frozen=True)
class Measure:
    """One indicator or score of every place."""

    code: str  # code of the indicator, or ``dimension.strand``
    label: str  # its wording
    group: str  # what it is listed under: a dimension, or the word for context or scores
    unit: str  # its unit; ``0-100`` for scores
    about: str  # source line, with the year
    table: pd.DataFrame
    """One row per place, indexed by its code: ``value``, ``low``, ``high`` (NaN where there is none), ``written`` (the
    value with its unit and margin, or why there is none) and ``place_class`` (a digit from 0 for the lowest, `MISSING`
    or `SUPPRESSED`).
    """
    bounds: list[str]  # what each class holds, in words

    def embedded(self) -> dict[str, object]:
        """Return it as the script of the page reads it."""
        values = {name: _numbers(self.table[name]) for name in ("value", "low", "high")}
        return {
            "code": self.code, "label": self.label, "unit": self.unit, "about": self.about, "bounds": self.bounds,
            "written": self.table["written"].tolist(), "classes": "".join(self.table["place_class"]), **values,
        }  # fmt: skip


def _numbers(values: pd.Series) -> list[float | None]:
    if values.isna().all():
        return []
    return [None if pd.isna(value) else float(f"{value:.{_WRITTEN}g}") for value in values]


def measures(dataset: Dataset, texts: Texts) -> list[Measure]:
    """Return what can be shown of every place: the scores of dimensions first, then indicators, then context.

    What no place has a value of is left out.
    """
    framework = dataset.framework
    entries: dict[str, Indicator | Context] = {**framework.indicators, **framework.context}
    indicators = [_indicator(dataset, texts, code) for code in entries if code in dataset.known]
    scores = dataset.scores["score"].notna().any()
    pairs = [(str(code), str(strand)) for code, strand in scores[scores].index]
    order = list(framework.dimensions)
    known = sorted((pair for pair in pairs if pair[0] in order), key=lambda pair: order.index(pair[0]))
    return [*(_score(dataset, texts, *pair) for pair in known), *indicators]


def _indicator(dataset: Dataset, texts: Texts, code: str) -> Measure:
    framework = dataset.framework
    scored = framework.indicators.get(code)
    entry: Indicator | Context = scored or framework.context[code]
    source = dataset.catalogue.get(entry.source)
    label = str(texts.pick(entry.label))
    said = {"source": str(texts.pick(source.publisher)) if source else entry.source, "year": dataset.years[code]}
    table = _columns({name: dataset.column(name)[code] for name in ("value", "low", "high", "missing_reason")})
    return _measure(
        texts, table, code=code, label=label, unit=entry.unit, decimals=entry.decimals,
        group=str(texts.pick(framework.dimensions[scored.dimension].short)) if scored else texts("site.context"),
        about=texts("site.source", label=label, **said),
    )  # fmt: skip


def _score(dataset: Dataset, texts: Texts, dimension: str, strand: str) -> Measure:
    short = texts.pick(dataset.framework.dimensions[dimension].short)
    label = f"{short}, {texts(f'strand.{strand}').lower()}"
    found = {name: dataset.scores[name][dimension, strand] for name in ("score", "low", "high", "missing_reason")}
    return _measure(
        texts, _columns({"value": found.pop("score"), **found}), code=node(dimension, strand), label=label, unit=SCORE,
        decimals=0, group=texts("site.scores"), about=texts("site.source_score", label=label),
    )  # fmt: skip


def _columns(found: dict[str, pd.Series]) -> pd.DataFrame:
    table = pd.DataFrame(found)
    return table.astype({"value": float, "low": float, "high": float})


def _measure(
    texts: Texts, table: pd.DataFrame, *, code: str, label: str, unit: str, decimals: int | None, group: str,
    about: str,
) -> Measure:  # fmt: skip
    classes = classify(table["value"])
    write = partial(texts.number) if unit == SCORE else partial(texts.value, unit=unit, decimals=decimals)
    ends = [(write(low), write(high)) for low, high in classes.bounds]
    gaps = table["missing_reason"].eq("suppressed").map({True: SUPPRESSED, False: MISSING})
    known = table["value"].dropna().map(lambda value: str(classes.number(value)))
    written = [_written(texts, row, write) for row in table.itertuples()]
    place_class = gaps.where(table["value"].isna(), known)
    shown = table[["value", "low", "high"]].assign(written=written, place_class=place_class)
    bounds = [low if low == high else texts("span", low=low, high=high) for low, high in ends]
    return Measure(code, label, group, unit, about, shown, bounds)


def _written(texts: Texts, row: Any, write: Callable[[float], str]) -> str:
    if is_missing(row.value):
        return texts(f"reason_short.{'unknown' if is_missing(row.missing_reason) else row.missing_reason}")
    if is_missing(row.low) or is_missing(row.high):
        return write(row.value)
    return f"{write(row.value)} ({texts('span', low=write(row.low), high=write(row.high))})"
