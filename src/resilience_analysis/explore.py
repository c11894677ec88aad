"""An explorer for the notebook: choose region, indicators, weights and comparator; map, dot plot and table follow."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets as widgets
import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import display

from resilience_analysis import composite
from resilience_analysis.drawing.charts import draw_dots
from resilience_analysis.drawing.layers import style
from resilience_analysis.foundation.texts import load_texts
from resilience_analysis.indicators.scores import metadata, wide
from resilience_analysis.notebook import load_atlas
from resilience_analysis.pieces import indicator_map
from resilience_analysis.profiles.comparator import comparator

_MOST = 12  # indicators in one dot plot


class Explorer:
    """Widgets over the scores of all places; shows itself in a notebook or in Voila.

    Parameters
    ----------
    language
        ``nl`` or ``en``.
    """

    def __init__(self, *, language: str = "nl") -> None:
        self._atlas = load_atlas()
        self._texts = load_texts(language)
        framework, t = self._atlas.framework, self._texts
        groups = {t.pick(g.name): g.id for g in self._atlas.geography.groups.values() if not g.relative}
        known = [i for i in framework.indicators.values() if self._atlas.values[i.id].notna().any()]
        self.region = widgets.Dropdown(
            options=groups, value=self._atlas.project.settings.region, description=t("explore.region")
        )
        self.comparator = widgets.Dropdown(
            options=groups, value=self._atlas.geography.everywhere, description=t("explore.comparator")
        )
        self.indicators = widgets.SelectMultiple(
            options={t.pick(indicator.label): indicator.id for indicator in known},
            value=tuple(framework.mapped),
            rows=10,
            description=t("explore.indicators"),
            layout=widgets.Layout(width="40rem"),
        )
        self.weights = widgets.Text(value="", placeholder="org_trust_municipality=2", description=t("explore.weights"))
        self._page = widgets.Output()
        for control in (self.region, self.comparator, self.indicators, self.weights):
            control.observe(self._changed, names="value")

    def table(self) -> pd.DataFrame:
        """Return what is chosen, as numbers.

        Returns
        -------
        pandas.DataFrame
            One row per municipality of the region, then the median of the comparator: the values of the chosen
            indicators, and ``mean_score``, their weighted mean score (0-100).
        """
        codes, members = list(self.indicators.value), list(comparator(self._atlas, self.region.value).codes)
        others = list(comparator(self._atlas, self.comparator.value).codes)
        values = self._atlas.values[codes].assign(mean_score=self._mean_scores(codes))
        table = values.loc[members].copy()
        table.loc[""] = values.loc[others].median()
        names = [str(self._atlas.names[code]) for code in members]
        median = self._texts("explore.median", group=self.comparator.label)
        return table.set_axis(pd.Index([*names, median], name=self._texts("table.municipality")))

    def _mean_scores(self, codes: list[str]) -> pd.Series:
        if not codes:
            return pd.Series(float("nan"), index=self._atlas.municipalities.index)
        framework = self._atlas.framework
        table = metadata(framework).loc[codes].assign(parent="chosen")
        typed, _ = self._typed()
        table["weight"] = [typed.get(code, framework.indicators[code].weight) for code in codes]
        table.loc["chosen"] = {"parent": "", "direction": 1, "weight": 1.0}
        values = wide(self._atlas.tables.indicators, framework)[codes]
        normalised = composite.normalise(values, metadata=table, method=framework.scoring.normalise)
        scores = composite.aggregate(
            normalised, metadata=table, method=framework.scoring.aggregate, min_coverage=framework.scoring.min_coverage
        )
        return scores["chosen"]

    def _typed(self) -> tuple[dict[str, float], list[str]]:
        """Return the weights as typed (``code=2, other=0.5``), and the parts that give no indicator a weight."""
        weights, strange = {}, []
        for part in filter(None, map(str.strip, self.weights.value.split(","))):
            code, _, text = (word.strip() for word in part.partition("="))
            if code in self._atlas.framework.indicators and text.replace(".", "", 1).isdigit():
                weights[code] = float(text)
            else:
                strange.append(part)
        return weights, strange

    def _changed(self, _: Any = None) -> None:
        self._page.clear_output(wait=True)
        with self._page:
            self._show()

    def _show(self) -> None:
        codes = list(self.indicators.value)[:_MOST]
        if not codes:
            display(widgets.HTML(self._texts("explore.choose")))
            return
        _, strange = self._typed()
        if strange:
            display(widgets.HTML(self._texts("explore.strange", parts=escape(", ".join(strange)))))
        with plt.rc_context(style()):
            indicator_map(codes[0], region=self.region.value, language=self._texts.language)
            plt.show()
            draw_dots(self.table().drop(columns="mean_score"), self._labels(codes), self._posts(codes), self._texts)
            plt.show()
        display(self.table().round(1))

    def _labels(self, codes: list[str]) -> dict[str, str]:
        indicators = self._atlas.framework.indicators
        return {code: self._texts.pick(indicators[code].label) for code in codes}

    def _posts(self, codes: list[str]) -> dict[str, tuple[float, float]]:
        return {code: self._atlas.framework.indicators[code].goalposts for code in codes}

    def _ipython_display_(self) -> None:
        self._changed()
        display(widgets.VBox([self.region, self.comparator, self.indicators, self.weights, self._page]))


def explorer(*, language: str = "nl") -> Explorer:
    """Make an explorer; show it by naming it at the end of a cell."""
    return Explorer(language=language)
