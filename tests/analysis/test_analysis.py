"""What an analyst calls: codes or tables of one's own in, DataFrames and Axes out, and the nearest name for a typo."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from tests.small import NETELAND

import resilience_analysis as ra
from resilience_analysis.analysis import frames, pictures, selection
from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.profiles.rows import comparator

TRUST = "org_trust_municipality"
MAPPED = "sch_public_transport"


@pytest.fixture(autouse=True)
def found(dataset, monkeypatch):
    """The dataset of the real figures, wherever the functions look for it."""
    for module in (frames, pictures, selection):
        monkeypatch.setattr(module, "load_dataset", lambda: dataset)
    yield dataset
    plt.close("all")


def test_the_table_of_indicators_says_what_there_is(found):
    table = ra.indicators(language="en")
    assert list(table.index) == [*found.framework.indicators, *found.framework.context]
    row, known = table.loc[TRUST], found.values[TRUST].notna()
    assert row["coverage"] == pytest.approx(100 * known.sum() / len(known), abs=0.05)
    assert (row["strand"], row["direction"], row["unit"]) == ("residents", 1, "%")


def test_data_is_tidy_or_wide_with_the_same_values(found):
    tidy, wide = ra.data([TRUST, MAPPED], region="neteland"), ra.data([TRUST, MAPPED], region="neteland", wide=True)
    assert sorted(tidy["code"].unique()) == sorted(NETELAND)
    for row in tidy.itertuples():
        assert wide.loc[(row.code, row.name), row.indicator] == found.values.loc[row.code, row.indicator]
    assert wide.attrs["units"] == {TRUST: "%", MAPPED: found.framework.indicators[MAPPED].unit}


def test_data_of_a_year_and_of_all_years_come_from_the_same_table(found):
    rows = found.tables.indicators
    assert len(ra.data(years="all")) == len(rows)
    assert len(ra.data(years=2020)) == (rows["year"] == 2020).sum()


@pytest.mark.parametrize(
    "ask",
    [
        lambda: ra.data("org_trust_municipalty"),
        lambda: ra.map("org_trust_municipalty"),
        lambda: ra.scatter("org_trust_municipalty", MAPPED),
        lambda: ra.compare("neteland", ["org_trust_municipalty"]),
        lambda: ra.what_if(weights={"org_trust_municipalty": 2}),
    ],
)
def test_a_misspelt_code_brings_the_nearest_one(ask):
    with pytest.raises(UsageError, match=f"did you mean '{TRUST}'"):
        ask()


def test_places_have_a_boundary_and_their_groupings(found):
    places = ra.places()
    assert places.index.equals(found.municipalities.index)
    assert str(places.crs) == str(found.boundaries.crs)
    areas = ra.boundaries().set_index("nis_code").geometry.area
    assert places.geometry.area.to_numpy() == pytest.approx(areas[places.index].to_numpy())


def test_what_if_changes_only_what_the_changed_choice_reaches(found):
    moved = ra.what_if(weights={TRUST: 5})
    dimension = found.framework.indicators[TRUST].dimension
    touched = moved[moved["moved"].abs() > 1e-9]
    assert set(zip(touched["code"], touched["strand"], strict=True)) == {(dimension, "residents")}
    assert (moved["moved"] - (moved["after"] - moved["before"])).abs().max() == 0


def test_nothing_changed_moves_nothing(found):
    moved = ra.what_if(framework=found.framework)
    assert moved["moved"].abs().max() == pytest.approx(0, abs=1e-9)
    with pytest.raises(UsageError, match="nothing is changed"):
        ra.what_if()


def test_a_framework_with_other_choices_leaves_the_first_as_it_is(found):
    other = found.framework.with_(weights={TRUST: 3}, goalposts={TRUST: (0, 50)}, directions={TRUST: -1})
    changed, kept = other.indicators[TRUST], found.framework.indicators[TRUST]
    assert (changed.weight, changed.goalposts, changed.direction) == (3.0, (0, 50), -1)
    assert kept.weight != 3.0
    wrong = {"weights": {TRUST: -1}, "goalposts": {TRUST: (5, 5)}, "directions": {TRUST: 0}, "agregate": "geometric"}
    with pytest.raises(UsageError, match=r"did you mean 'aggregate'") as caught:
        found.framework.with_(**wrong)
    assert len(str(caught.value).splitlines()) == 4


def test_a_framework_shows_itself_on_one_line_and_as_a_table(found):
    assert "\n" not in repr(found.framework)
    assert found.framework._repr_html_().count("<tr>") == 1 + len(found.framework.dimensions)


DRAWN = {
    "map": lambda ax: ra.map(TRUST, ax=ax),
    "map of own values": lambda ax: ra.map(pd.Series({"Herentals": 1.0, "13010": 2.0}, name="own"), ax=ax),
    "map in equal classes": lambda ax: ra.map(TRUST, scheme="equal", cmap="viridis", labels=False, ax=ax),
    "map with limits": lambda ax: ra.map(TRUST, scheme=[20, 40, 60], ax=ax),
    "dots": lambda ax: ra.dots([TRUST, MAPPED], ax=ax),
    "spread": lambda ax: ra.spread(TRUST, ax=ax),
    "scatter": lambda ax: ra.scatter(TRUST, MAPPED, hue="province", label="neteland", ax=ax),
    "trend": lambda ax: ra.trend("ctx_foreign_nationality", "Herentals", ax=ax),
}


@pytest.mark.parametrize("name", list(DRAWN))
def test_a_picture_is_drawn_on_the_axes_it_is_given_and_leaves_the_style_alone(name, found, tmp_path):
    if name == "trend" and "ctx_foreign_nationality" not in found.series:
        DRAWN[name] = lambda ax: ra.trend(next(iter(found.series)), "Herentals", ax=ax)
    figure, ax = plt.subplots()
    before = dict(mpl.rcParams)
    assert DRAWN[name](ax) is ax
    assert dict(mpl.rcParams) == before
    assert ax.has_data()
    figure.savefig(tmp_path / "picture.svg")


def test_classes_of_every_scheme_hold_every_value():
    values = pd.Series(np.random.default_rng(1).normal(size=200))
    for scheme in ("quantiles", "equal", "pretty", [-1, 0, 1]):
        classes = pictures.cut(values, scheme)
        held = sum(((values >= low) & (values <= high)).sum() for low, high in classes.bounds)
        assert held == len(values)


def test_places_are_compared_side_by_side_with_the_median_of_all(found):
    table = ra.compare(["Olen", "Herentals"], TRUST, language="en")
    assert list(table.columns[:2]) == ["Olen", "Herentals"]
    assert table.iloc[0].tolist() == [
        found.values.loc["13029", TRUST],
        found.values.loc["13011", TRUST],
        found.values[TRUST].median(),
    ]


@pytest.mark.parametrize("region", ["neteland", "kempen"])
def test_a_map_names_every_municipality_of_the_region_without_a_collision(found, region):
    ax = ra.indicator_map(MAPPED, region=region)
    ax.figure.canvas.draw()
    names = [words for words in ax.texts if words.get_text()]
    assert sorted(words.get_text() for words in names) == sorted(found.names[list(comparator(found, region).codes)])
    boxes = [words.get_window_extent() for words in names]
    assert not any(one.overlaps(other) for place, one in enumerate(boxes) for other in boxes[place + 1 :])


def test_a_spread_shows_every_municipality_and_the_goalposts(found):
    ax = ra.spread_chart(MAPPED)
    assert sum(bar.get_height() for bar in ax.patches) == found.values[MAPPED].notna().sum()
    posts = [line.get_xdata()[0] for line in ax.lines if line.get_linestyle() == "--"]
    assert posts == list(found.framework.indicators[MAPPED].goalposts)


@pytest.fixture
def with_answers(example_dataset, monkeypatch):
    """The figures with an invented self-assessment, wherever the functions look for them."""
    for module in (pictures, selection):
        monkeypatch.setattr(module, "load_dataset", lambda: example_dataset)
    return example_dataset


@pytest.mark.parametrize("wave", ["", "2026"])
def test_likert_bars_have_a_row_for_every_statement_of_the_latest_wave_or_the_one_named(with_answers, wave):
    statements = [item for items in with_answers.instrument.scored.values() for item in items]
    _, ax = plt.subplots()
    assert ra.likert(municipality="Herentals", wave=wave, ax=ax) is ax
    assert len(ax.get_yticklabels()) == len(statements)
    other = ra.likert_chart(with_answers.tables.estimates, municipality="13011", wave="2026")
    assert [words.get_text() for words in other.texts] == [words.get_text() for words in ax.texts]


def test_a_wave_without_answers_is_refused_with_the_waves_there_are(with_answers):
    with pytest.raises(UsageError, match="unknown wave with answers in Herentals '2027'; did you mean '2026'"):
        ra.likert(municipality="Herentals", wave="2027")


def test_a_table_of_ones_own_names_its_places_in_the_index_or_in_a_column(found):
    own = pd.DataFrame({"name": ["Herentals", "Olen"], "jobs": [3.0, 4.0], "note": ["a", "b"]})
    drawn = [ra.map(table) for table in (own, own.set_index("name"), own.set_index("name")["jobs"])]
    assert {ax.get_title(loc="left") for ax in drawn} == {"jobs"}
    assert selection.figures(own).values["13029"] == 4.0
    with pytest.raises(UsageError, match=r"2 columns of numbers \(jobs, homes\): choose one"):
        ra.map(own.assign(homes=1.0))
    over_years = ra.trend(own[["name", "jobs"]].rename(columns={"jobs": 2024}).assign(**{"2025": 5.0}), "Olen")
    assert over_years.lines[0].get_ydata().tolist() == [4.0, 5.0]


def test_what_an_analyst_works_with_shows_itself_on_one_line_and_as_html(found):
    for shown in (found, ra.example_survey(), ra.load_framework()):
        assert len(repr(shown)) < 120
        assert "<table" in shown._repr_html_()


def test_places_open_as_a_map_to_explore(found):
    folium = pytest.importorskip("folium")
    assert isinstance(ra.places().head(3).explore(tiles=None), folium.Map)


def test_values_of_places_that_are_not_known_are_refused():
    with pytest.raises(UsageError, match="places that are not known: 99999"):
        ra.map(pd.Series({"99999": 1.0}))
    with pytest.raises(UsageError, match="more than once"):
        ra.map(pd.Series([1.0, 2.0], index=["13011", "Herentals"]))


def test_a_public_name_stays_a_function_when_the_folder_of_that_name_is_imported():
    from resilience_analysis.data import catalogue  # noqa: F401
    from resilience_analysis.indicators import scores  # noqa: F401

    assert callable(ra.data)
    assert callable(ra.indicators)
    assert ra.composite.__name__ == "resilience_analysis.composite"
