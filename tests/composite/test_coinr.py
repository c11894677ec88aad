from __future__ import annotations

import pandas as pd
import pytest

from resilience_analysis import composite
from resilience_analysis.foundation.errors import InputError


@pytest.fixture
def imeta() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Level": ["1", "1", "2", None, None],
            "iCode": ["x", "y", "Index", "region", "people"],
            "iName": ["Ex", "Why", "The index", "Region", "People"],
            "Direction": ["1", "-1", "1", None, None],
            "Weight": ["1", "2", "1", None, None],
            "Unit": ["%", "n", "Score", None, "n"],
            "Target": ["9", "1", None, None, None],
            "Denominator": [None, "people", None, None, None],
            "Parent": ["Index", "Index", None, None, None],
            "Type": ["Indicator", "Indicator", "Aggregate", "Group", "Denominator"],
            "goalpost_lower": ["0", "1", None, None, None],
            "goalpost_upper": ["10", "9", None, None, None],
            "goalpost_trunc2posts": ["TRUE", "FALSE", None, None, None],
            "dist2targ_cap_max": ["TRUE", "FALSE", None, None, None],
            "scale_factor": ["100", "10", None, None, None],
        }
    )


def refused(imeta: pd.DataFrame) -> str:
    with pytest.raises(InputError) as caught:
        composite.from_coinr(imeta, name="meta.csv")
    return str(caught.value)


def test_columns_of_coinr_become_ours(imeta):
    metadata = composite.from_coinr(imeta)
    assert metadata.loc["y", ["level", "direction", "weight", "target"]].tolist() == [1, -1, 2, 1]
    assert metadata.loc["y", ["goalpost_truncate", "target_cap", "scaled_factor"]].tolist() == [0, 0, 10]
    assert metadata["type"].tolist() == ["indicator", "indicator", "aggregate", "group", "denominator"]
    assert metadata.loc["y", "denominator"] == "people"
    assert composite.is_coinr(imeta)


def test_metadata_read_as_numbers_are_the_same(imeta):
    typed = imeta.assign(**{name: pd.to_numeric(imeta[name]) for name in ("Level", "Direction", "Weight", "Target")})
    pd.testing.assert_frame_equal(composite.from_coinr(typed), composite.from_coinr(imeta))


def test_absent_columns_are_refused_by_name(imeta):
    message = refused(imeta.drop(columns=["Type", "Weight"]))
    assert message.startswith("meta.csv: 2 problems")
    assert "column Type: is missing" in message


@pytest.mark.parametrize(
    ("row", "column", "value", "said"),
    [
        (0, "iCode", "9x", "iCode 9x: begins with a digit"),
        (0, "iCode", "x x", "iCode x x: holds a space"),
        (0, "iCode", "y", "code y: appears in rows 1, 2"),
        (0, "iName", None, "code x, column name: is empty"),
        (0, "Unit", None, "code x, column unit: is empty"),
        (0, "Target", None, "code x, column target: is empty"),
        (2, "Weight", None, "code Index, column weight: is empty"),
        (0, "Weight", None, "code x, column weight: is missing"),
        (2, "Direction", None, "code Index, column direction: is empty"),
        (0, "Direction", "2", "code x, column direction: is 2, not 1 or -1"),
        (0, "Parent", "Nope", "'Nope' is not a code of an aggregate"),
        (0, "Level", "2", "code x, column level: is 2. An indicator has level 1"),
        (2, "Level", "3", "metadata, level 2: no code has it"),
        (0, "Type", "Indicatr", "unknown type 'indicatr'; did you mean 'indicator'?"),
        (0, "Level", "one", "code x, column level: 'one' is not a number"),
        (3, "Parent", "Index", "code region, column parent: is given, but the code is not scored"),
    ],
)
def test_everything_coinr_refuses_is_refused_by_code(imeta, row, column, value, said):
    imeta.loc[row, column] = value
    assert said in refused(imeta)


def test_many_faults_make_one_message(imeta):
    imeta.loc[0, "Direction"] = "0"
    imeta.loc[1, "Parent"] = "Nope"
    imeta.loc[2, "iCode"] = "1st"
    assert refused(imeta).count("\n  - ") >= 4


def test_a_column_of_coinr_that_is_all_empty_is_as_if_absent(imeta):
    imeta["Target"] = None
    assert composite.from_coinr(imeta)["target"].isna().all()
