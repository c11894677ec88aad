"""Charts draw what they are given, where it belongs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from resilience_analysis.drawing.charts import (
    draw_factor_base,
    draw_likert,
    draw_projects,
    factor_marks,
    wrap,
)
from resilience_analysis.drawing.layers import Margin, Note, Point, palette
from resilience_analysis.foundation.texts import Texts, load_texts

NAN = float("nan")
LABELS = {"one": "Eerste factor", "two": "Tweede factor met een lange naam"}


@pytest.fixture
def texts() -> Texts:
    return load_texts("nl")


@pytest.fixture
def rows() -> pd.DataFrame:
    columns = ["dimension", "strand", "score", "low", "high", "missing_reason", "group_median"]
    table = pd.DataFrame(
        [
            ("one", "self", NAN, NAN, NAN, "not_collected", NAN),
            ("one", "residents", 60.0, 50.0, 70.0, None, 40.0),
            ("two", "self", NAN, NAN, NAN, "suppressed", 30.0),
            ("two", "residents", 20.0, NAN, NAN, None, NAN),
        ],
        columns=columns,
    )
    table = table.assign(indicators=1)
    return table.assign(all_q1=[NAN, 30, NAN, 35], all_median=[NAN, 45, NAN, 50], all_q3=[NAN, 55, NAN, 70])


def test_a_score_is_drawn_at_its_value_with_its_margin(rows: pd.DataFrame, texts: Texts) -> None:
    assert factor_marks(rows.to_dict("records"), texts)[1:4] == [
        Point("residents", 40.0, 0, of="group"),
        Margin("residents", 50.0, 70.0, 0),
        Point("residents", 60.0, 0),
    ]
    assert factor_marks(rows.to_dict("records"), texts)[-1] == Point("residents", 20.0, 1)


def test_a_missing_score_says_why_and_draws_no_mark(rows: pd.DataFrame, texts: Texts) -> None:
    notes = factor_marks(rows[rows["strand"] == "self"].to_dict("records"), texts)
    assert [" ".join(note.lines) for note in notes if isinstance(note, Note)] == [
        texts("reason_short.not_collected"),
        texts("reason_short.suppressed"),
    ]


@pytest.mark.parametrize(("language", "words"), [("nl", "geen indicator"), ("en", "no indicator")])
def test_a_factor_without_an_indicator_is_called_so_as_in_the_first_table(rows, language, words):
    (note, *_) = factor_marks(rows.assign(indicators=0).to_dict("records"), load_texts(language))
    assert " ".join(note.lines) == words


def test_the_base_shows_the_quartiles_and_median_of_all(rows: pd.DataFrame, texts: Texts) -> None:
    ax = draw_factor_base(rows, LABELS, texts)[1]["residents"]
    bands = sorted((bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches)
    assert bands == [(30.0, 55.0), (35.0, 70.0)]
    medians = [line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 2 and line.get_linewidth() == 2]
    assert medians == [45.0, 50.0]


def test_the_first_factor_stands_on_top(rows: pd.DataFrame, texts: Texts) -> None:
    ax = draw_factor_base(rows, LABELS, texts)[1]["self"]
    bottom, top = ax.get_ylim()
    assert bottom > top
    assert [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()] == list(LABELS.values())


@pytest.mark.parametrize("margins", [True, False])
def test_the_legend_explains_a_margin_where_any_score_has_one(rows: pd.DataFrame, texts: Texts, margins: bool) -> None:
    figure, _ = draw_factor_base(rows, LABELS, texts, margins=margins)
    assert ("marge" in figure.legends[0].get_texts()[0].get_text()) == margins


def test_every_strand_has_its_own_axes_named_in_words(rows: pd.DataFrame, texts: Texts) -> None:
    _, axes = draw_factor_base(rows, LABELS, texts)
    assert {name: ax.get_title() for name, ax in axes.items()} == {
        "self": "Zelfinschatting",
        "residents": "Inwoners",
    }


def test_answers_part_in_the_middle_of_a_likert_bar(texts: Texts) -> None:
    table = pd.DataFrame(
        {"share_1": [10.0], "share_2": [20.0], "share_3": [30.0], "share_4": [40.0], "n": [50], "share_agree": [70.0],
         "share_agree_low": [56.0], "share_agree_high": [81.0]},
        index=["A"],
    )  # fmt: skip
    ax = draw_likert(Figure().add_subplot(), table, {"A": "Stelling"}, texts)
    ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches]
    assert np.allclose(ends, [(-30, -20), (-20, 0), (0, 30), (30, 70)])
    assert "n = 50" in ax.texts[0].get_text()


def test_a_suppressed_statement_has_no_bar(texts: Texts) -> None:
    table = pd.DataFrame({name: [NAN] for name in ("share_1", "share_2", "share_3", "share_4", "n")}, index=["A"])
    ax = draw_likert(Figure().add_subplot(), table, {"A": "Stelling"}, texts)
    assert len(ax.patches) == 0
    assert ax.texts[0].get_text() == texts("reason_short.suppressed")


def test_a_larger_project_has_a_larger_dot() -> None:
    projects = pd.DataFrame({"x": [0.0, 1.0], "y": [0.0, 1.0], "units": [10.0, 100.0]})
    (dots,) = draw_projects(Figure().add_subplot(), projects)
    small, large = dots.get_sizes()
    assert large > small


def test_no_projects_draw_nothing() -> None:
    assert draw_projects(Figure().add_subplot(), pd.DataFrame(columns=["x", "y", "units"])) == []


@pytest.mark.parametrize(("text", "lines"), [("een twee drie", 2), ("kort", 1), ("onafbreekbaarwoord en meer", 2)])
def test_long_labels_break_at_spaces(text: str, lines: int) -> None:
    wrapped = wrap(text, 9)
    assert wrapped.count("\n") + 1 == lines
    assert wrapped.replace("\n", " ") == text


def test_the_three_marks_have_three_colours() -> None:
    assert len({palette()[name] for name in ("municipality", "group", "everywhere")}) == 3
