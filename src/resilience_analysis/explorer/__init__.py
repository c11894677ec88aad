"""An explorer for a notebook or Voila: choose places, indicators, weights and methods; charts and tables follow.

It needs the extra ``explore``. ``ra.explorer()`` shows it; everything it shows can be had from Python:

>>> import resilience_analysis as ra
>>> chosen = ra.explorer(language="en")  # doctest: +SKIP
>>> chosen.table(), chosen.moved(), chosen.choices.as_code()  # doctest: +SKIP
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from resilience_analysis.foundation.errors import UsageError

if TYPE_CHECKING:
    from resilience_analysis.explorer.controls import Explorer


JUPYTER = Path(__file__).parent / "jupyter"
NOTEBOOK = "explore.ipynb"


def page_command(notebooks: Path) -> tuple[list[str], dict[str, str]]:
    """Return the command that serves the explorer as a page of its own, and what it needs in its environment.

    The page loads nothing from the network: Voila's own template takes its icons from there.
    """
    command = [sys.executable, "-m", "voila", str(notebooks / NOTEBOOK), "--template=offline"]
    found = os.environ.get("JUPYTER_PATH", "")
    return command, {"JUPYTER_PATH": os.pathsep.join(part for part in (str(JUPYTER), found) if part)}


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
