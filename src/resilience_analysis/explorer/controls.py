"""The explorer itself: controls above linked charts, the table of what is chosen, and what other choices move."""

from __future__ import annotations

import base64
import os
from dataclasses import replace
from html import escape
from typing import Any

import altair as alt
import ipywidgets as widgets
import pandas as pd
from IPython.display import display

from resilience_analysis import composite
from resilience_analysis.analysis.selection import members_of, what_if, words
from resilience_analysis.explorer.linked import (
    SELECTION,
    Choices,
    linked_charts,
    read_address,
    shown_rows,
    values_table,
)
from resilience_analysis.foundation.cells import csv_bytes
from resilience_analysis.foundation.errors import ResilienceError
from resilience_analysis.indicators.scores import SCALE, metadata, wide
from resilience_analysis.notebook import load_dataset

ADDRESS_VARIABLE = "QUERY_STRING"  # Voila gives a kernel the address it was asked for
# those that give scores from 0 to 100, as profiles show; geometric and harmonic means take no zeros
NORMALISE = ("", "goalposts", "minmax", "percentile-rank")
AGGREGATE = ("", "arithmetic", "generalised")
MEAN_SCORE = "mean_score"
_WIDE = widgets.Layout(width="26rem")
_MOST_MOVED = 15
_SAME = 1e-9  # a slider moved there and back


class Explorer:
    """Linked charts and tables over the figures of the project; shows itself in JupyterLab or Voila.

    Parameters
    ----------
    language
        Of the words; that of the address, or else the project's first, when empty.
    address
        Choices as written by `Choices.as_address`; those in Voila's address when not given.
    """

    def __init__(self, *, language: str = "", address: str | None = None) -> None:
        alt.JupyterChart.enable_offline()
        self._dataset = load_dataset()
        settings = self._dataset.project.settings
        usual = Choices(settings.region, self._dataset.geography.everywhere, indicators=self._usual_indicators())
        start = read_address(os.environ.get(ADDRESS_VARIABLE, "") if address is None else address, usual)
        asked = start.language if start.language in settings.languages else ""
        self._texts = words(language or asked)
        self._language = self._texts.language
        self._make_controls(start)
        self.chart = alt.JupyterChart(self._charts(self.choices))
        self._note, self._tables = widgets.HTML(), widgets.HTML()
        self._watch_picks()
        self._fill_tables()
        self._watch()

    def _usual_indicators(self) -> tuple[str, ...]:
        framework = self._dataset.framework
        known = [code for code in framework.mapped if self._dataset.values[code].notna().any()]
        return tuple(known or list(framework.indicators))[:4]

    def _make_controls(self, start: Choices) -> None:
        t, framework = self._texts, self._dataset.framework
        groups = {str(t.pick(g.name)): g.id for g in self._dataset.geography.groups.values() if not g.relative}
        region = start.region if start.region in groups.values() else next(iter(groups.values()))
        other = start.comparator if start.comparator in groups.values() else region
        self.region = widgets.Dropdown(options=groups, value=region, description=t("explorer.region"))
        self.comparator = widgets.Dropdown(options=groups, value=other, description=t("explorer.comparator"))
        self._codes = {str(name): str(code) for code, name in self._dataset.names.items()}
        named = [name for name, code in self._codes.items() if code in start.places]
        self.places = widgets.TagsInput(value=named, allowed_tags=list(self._codes), allow_duplicates=False)
        self.places.placeholder = t("explorer.places_hint")
        self.search = widgets.Text(placeholder=t("explorer.search_hint"), description=t("explorer.search"))
        self.indicators = widgets.SelectMultiple(
            options=self._listed(""), rows=9, description=t("explorer.indicators"), layout=_WIDE
        )
        listed = set(self._listed("").values())
        self.indicators.value = tuple(code for code in start.indicators if code in listed)
        self.weights = widgets.VBox([])
        self.goalposts = widgets.VBox([])
        self._start = start
        self.normalise = _methods(NORMALISE, start.normalise or "", t("explorer.normalise"))
        self.aggregate = _methods(AGGREGATE, start.aggregate or "", t("explorer.aggregate"))
        least = framework.scoring.min_coverage if start.min_coverage is None else start.min_coverage
        self.coverage = widgets.FloatSlider(
            value=least, min=0, max=1, step=0.05, description=t("explorer.coverage"), continuous_update=False
        )
        self._make_sliders()

    def _listed(self, part: str) -> dict[str, str]:
        """Return the indicators that have values and a part of a name in them, grouped by factor."""
        t, framework = self._texts, self._dataset.framework
        found = {}
        for code, indicator in framework.indicators.items():
            label = f"{t.pick(framework.dimensions[indicator.dimension].short)}: {t.pick(indicator.label)}"
            if part.casefold() in label.casefold() and self._dataset.values[code].notna().any():
                found[label] = code
        return dict(sorted(found.items()))

    def _make_sliders(self) -> None:
        """Make a slider for the weight of every chosen indicator, and one for its goalposts."""
        self.weights.children = [self._slider(code) for code in self.indicators.value]
        self.goalposts.children = [self._post_slider(code) for code in self.indicators.value]

    def _slider(self, code: str) -> Any:
        value = self._start.weights.get(code, self._dataset.framework.indicators[code].weight)
        return self._watched(widgets.FloatSlider, code, value=value, min=0, max=5, step=0.25)

    def _post_slider(self, code: str) -> Any:
        low, high = self._dataset.framework.indicators[code].goalposts
        values, room = self._dataset.values[code], (high - low) / 2
        return self._watched(
            widgets.FloatRangeSlider, code, value=self._start.goalposts.get(code, (low, high)),
            min=min(float(values.min()), low - room), max=max(float(values.max()), high + room), step=(high - low) / 50,
        )  # fmt: skip

    def _watched(self, kind: Any, code: str, **given: Any) -> Any:
        label = str(self._texts.pick(self._dataset.framework.indicators[code].label))
        slider = kind(**given, description=label, continuous_update=False, layout=_WIDE)
        slider.code = code
        slider.style.description_width = "14rem"
        slider.observe(self._changed, names="value")
        return slider

    @property
    def choices(self) -> Choices:
        """Return what is chosen."""
        framework, least = self._dataset.framework, self.coverage.value
        weights = {slider.code: slider.value for slider in self.weights.children}
        posts = {slider.code: tuple(map(float, slider.value)) for slider in self.goalposts.children}

        def moved(code: str, ends: tuple[float, ...]) -> bool:
            usual = framework.indicators[code].goalposts
            return any(abs(end - before) > _SAME for end, before in zip(ends, usual, strict=True))

        return Choices(
            region=self.region.value, comparator=self.comparator.value,
            places=tuple(self._codes[name] for name in self.places.value), indicators=tuple(self.indicators.value),
            weights={code: value for code, value in weights.items() if value != framework.indicators[code].weight},
            goalposts={code: (ends[0], ends[1]) for code, ends in posts.items() if moved(code, ends)},
            normalise=self.normalise.value, aggregate=self.aggregate.value,
            min_coverage=None if least == framework.scoring.min_coverage else least, language=self._language,
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Return what is chosen, as numbers.

        Returns
        -------
        pandas.DataFrame
            One row per place of the region, or per selected place, indexed by name; last the median of the comparator.
            A column per indicator with its unit and year, and ``mean_score``, their weighted mean score (0-100).
        """
        choices = self.choices
        median = self._texts("explorer.median", group=self.comparator.label)
        table = values_table(choices, self._language, median=median, picked=self.picked)
        scores = self._mean_scores(choices)
        others = scores[members_of(choices.comparator)].median()
        own = scores.rename(index=self._dataset.names.to_dict()).reindex(table.index[:-1])
        return table.assign(**{MEAN_SCORE: [*own, others]})

    @property
    def picked(self) -> list[str]:
        """Return the codes of the places that are selected by clicking or by name."""
        clicked = getattr(self.chart.selections, SELECTION, None)
        rows = clicked.value if clicked is not None and clicked.value else []
        codes = [str(row["code"]) for row in rows if "code" in row]
        return list(dict.fromkeys([*codes, *(self._codes[name] for name in self.places.value)]))

    def _mean_scores(self, choices: Choices) -> pd.Series:
        codes = list(choices.indicators)
        if not codes:
            return pd.Series(float("nan"), index=self._dataset.municipalities.index)
        framework = self._dataset.framework.with_(**choices.changes)
        table = metadata(framework).loc[codes].assign(parent="chosen")
        table.loc["chosen"] = {"parent": "", "direction": 1, "weight": 1.0}
        values = wide(self._dataset.tables.indicators, framework)[codes]
        method, least = framework.scoring.aggregate, framework.scoring.min_coverage
        normalised = composite.normalise(values, metadata=table, method=framework.scoring.normalise, bounds=SCALE)
        return composite.aggregate(normalised, metadata=table, method=method, min_coverage=least)["chosen"]

    def moved(self) -> pd.DataFrame:
        """Return the factor scores of the region that the choices move, as in `what_if`; empty where none does."""
        choices = self.choices
        if not choices.changes:
            return pd.DataFrame()
        rows = what_if(region=choices.region, **choices.changes)
        return rows[rows["moved"].abs() > _SAME]

    def _charts(self, choices: Choices) -> Any:
        named = {name: self._texts(f"explorer.{name}") for name in ("value", "score", "year")}
        return linked_charts(shown_rows(choices, self._language), named)

    def _watch(self) -> None:
        for control in (self.region, self.comparator, self.places, self.normalise, self.aggregate, self.coverage):
            control.observe(self._changed, names="value")
        self.indicators.observe(self._chosen, names="value")
        self.search.observe(self._searched, names="value")

    def _watch_picks(self) -> None:
        self.chart.selections.observe(lambda _: self._fill_tables(), names=[SELECTION])

    def _searched(self, _: Any) -> None:
        """List what is searched for, beside what is chosen already."""
        chosen, everything = self.indicators.value, self._listed("")
        kept = {label: code for label, code in everything.items() if code in chosen}
        # another list empties the choice for a moment: nothing is to follow that, and the page gets both in one message
        self.indicators.unobserve(self._chosen, names="value")
        with self.indicators.hold_sync():
            self.indicators.options = dict(sorted({**self._listed(self.search.value), **kept}.items()))
            self.indicators.value = chosen
        self.indicators.observe(self._chosen, names="value")

    def _chosen(self, _: Any) -> None:
        """Make sliders for what is chosen; those of what was chosen already stay where they are."""
        now = self.choices
        weights, goalposts = {**self._start.weights, **now.weights}, {**self._start.goalposts, **now.goalposts}
        self._start = replace(self._start, weights=weights, goalposts=goalposts)
        self._make_sliders()
        self._changed()

    def _changed(self, _: Any = None) -> None:
        if not self.indicators.value:
            self._note.value = escape(self._texts("explorer.choose"))
            return
        try:
            self.chart.chart = self._charts(self.choices)
            self._watch_picks()
            self._fill_tables()
        except ResilienceError as error:
            self._note.value = escape(self._texts("explorer.refused", why=str(error)))
        else:
            self._note.value = ""

    def _fill_tables(self) -> None:
        t, choices = self._texts, self.choices
        table = self.table()
        named = table.rename(columns={MEAN_SCORE: t("explorer.mean_score")})
        shown = {
            "table": f"{_html(named, t('missing_mark'))}\n{_download(table, t('explorer.download'))}",
            "moved": self._moved_html(),
            "code": f"<pre>{escape(choices.as_code())}</pre>",
            "address": f"<pre>?{escape(choices.as_address())}</pre>",
        }
        headed = [f"<h3>{escape(t(f'explorer.{name}'))}</h3>{part}" for name, part in shown.items()]
        self._tables.value = "\n".join(headed)

    def _moved_html(self) -> str:
        t, moved = self._texts, self.moved()
        if moved.empty:
            return f"<p>{escape(t('explorer.moved_none'))}</p>"
        dimensions = {code: str(t.pick(d.short)) for code, d in self._dataset.framework.dimensions.items()}
        answers = {True: t("explorer.is_beyond"), False: t("explorer.is_within")}
        rows = moved.head(_MOST_MOVED)
        strands = rows["strand"].map(lambda strand: t(f"strand.{strand}"))
        margins = [
            t("span", low=t.number(low), high=t.number(high)) if pd.notna(low) else t("missing_mark")
            for low, high in zip(rows["before_low"], rows["before_high"], strict=True)
        ]
        columns = {
            "table.municipality": rows["name"], "table.factor": rows["code"].map(dimensions) + ", " + strands,
            "explorer.before": rows["before"], "explorer.margin": margins, "explorer.after": rows["after"],
            "explorer.difference": rows["moved"], "explorer.beyond": rows["beyond_margin"].map(answers),
        }  # fmt: skip
        shown = pd.DataFrame({t(name): column for name, column in columns.items()})
        return _html(shown.set_index(t("table.municipality")), t("missing_mark"))

    @property
    def view(self) -> widgets.VBox:
        """Return everything as one widget."""
        t = self._texts
        named = widgets.HBox([widgets.Label(t("explorer.places")), self.places])
        choosing = widgets.VBox([self.region, self.comparator, named, self.search, self.indicators])
        methods = widgets.VBox([self.normalise, self.aggregate, self.coverage])
        parts = {"weights": self.weights, "goalposts": self.goalposts, "methods": methods}
        changing = _one_at_a_time({t(f"explorer.{name}"): part for name, part in parts.items()})
        return widgets.VBox([widgets.HBox([choosing, changing]), self._note, self.chart, self._tables])

    def _ipython_display_(self) -> None:
        display(self.view)


def _one_at_a_time(parts: dict[str, widgets.VBox]) -> widgets.VBox:
    """Return parts of which one is shown, with a button for each: unlike an accordion, the Tab key reaches them."""
    buttons = widgets.ToggleButtons(options=list(parts))

    def show(_: Any = None) -> None:
        for name, part in parts.items():
            part.layout.display = None if name == buttons.value else "none"

    buttons.observe(show, names="value")
    show()
    return widgets.VBox([buttons, *parts.values()])


def _methods(known: tuple[str, ...], value: str, description: str) -> widgets.Dropdown:
    options = [("–" if not name else name.replace("-", " "), name) for name in known]
    return widgets.Dropdown(options=options, value=value if value in known else "", description=description)


def _html(table: pd.DataFrame, missing: str) -> str:
    return str(table.to_html(float_format=lambda value: f"{value:.4g}", na_rep=missing, border=0))


def _download(table: pd.DataFrame, label: str) -> str:
    content = base64.b64encode(csv_bytes(table.reset_index())).decode("ascii")
    return f'<p><a download="table.csv" href="data:text/csv;charset=utf-8;base64,{content}">{escape(label)}</a></p>'
