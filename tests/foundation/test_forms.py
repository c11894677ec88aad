"""What a person wrote in a definition file is looked at before it is used."""

from __future__ import annotations

import pytest

from resilience_analysis.foundation.definitions import (
    is_ascending,
    is_count,
    is_number,
    is_text,
    is_year,
)

NAN, INFINITE = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("check", "fine", "faulty"),
    [
        (is_number, [0, -1, 2.5], [True, "1", None, NAN, INFINITE, [1]]),
        (is_count, [1, 300], [0, -1, True, 1.0, "1", None]),
        (is_year, [1900, 2025, 2100], [1899, 2101, "2025", 2025.0, None, True]),
        (is_text, ["a", " a"], ["", " ", None, 1, ["a"]]),
        (is_ascending, [[0, 1], [-2.5, -2]], [[1, 0], [1, 1], [1], [0, 1, 2], [0, NAN], ["0", "1"], (0, 1), None, 3]),
    ],
)
def test_each_form_takes_what_it_means_and_nothing_else(check, fine, faulty):
    assert [value for value in fine if not check(value)] == []
    assert [value for value in faulty if check(value)] == []
