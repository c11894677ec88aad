"""An explorer for a notebook or Voila: choose places, indicators, weights and methods; charts and tables follow.

It needs the extra ``explore``. ``ra.explorer()`` shows it; everything it shows can be had from Python:

>>> import resilience_analysis as ra
>>> chosen = ra.explorer(language="en")  # doctest: +SKIP
>>> chosen.table(), chosen.moved(), chosen.choices.as_code()  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilience_analysis.foundation.errors import UsageError

if TYPE_CHECKING:
    from resilience_analysis.explorer.controls import Explorer


def explorer(*, language: str = "", address: str | None = None) -> Explorer:
    """Make an explorer; show it by naming it at the end of a cell.

    Parameters
    ----------
    language
        Of the words; the project's first when empty.
    address
        Choices to begin with, as written below the tables; those in Voila's address when not given.

    Raises
    ------
    UsageError
        When the extra ``explore`` is not installed.
    """
    try:
        from resilience_analysis.explorer.controls import Explorer  # noqa: PLC0415 - an extra
    except ImportError as error:
        what = f"the explorer needs {error.name}. Install it: pip install 'resilience-analysis[explore]'"
        raise UsageError(what) from error
    return Explorer(language=language, address=address)
