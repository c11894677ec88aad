"""One look for every picture of the package: colours that colour-blind readers tell apart, and one type size."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

from resilience_analysis.foundation.errors import Problem, raise_if_any, refusal, unknown
from resilience_analysis.foundation.files import read_yaml
from resilience_analysis.foundation.settings import PACKAGE

STYLE = PACKAGE / "style"
_FILE = "style/palette.yml"
_LISTS = {"classes": 5, "likert": 4}  # of the classes of a map, and of the positions of a statement
Given = ParamSpec("Given")
Drawn = TypeVar("Drawn")


class Palette(dict[str, Any]):
    """Colours by name; one that is not there is named."""

    def __missing__(self, name: str) -> Any:
        """Raise `InputError`."""
        raise refusal(_FILE, unknown("colour", name, self), "Add it")


@cache
def palette() -> Mapping[str, Any]:
    """Return the colours of ``style/palette.yml``; raise `InputError` for one that is not, or too few of a list."""
    found = Palette(read_yaml(STYLE / "palette.yml"))
    problems = [
        Problem(f"{_FILE}, {name}", f"{colour!r} is not a colour", 'Write it as "#12436D"')
        for name, said in found.items()
        for colour in (said if isinstance(said, list) else [said])
        if not re.fullmatch("#[0-9A-Fa-f]{6}", str(colour))
    ]
    problems += [
        Problem(f"{_FILE}, {name}", f"has {len(found[name])} colours, not {count}")
        for name, count in _LISTS.items()
        if len(found[name]) != count
    ]
    raise_if_any(_FILE, problems)
    return found


@cache
def style() -> Any:
    """Return the matplotlib settings of ``style/resilience.mplstyle``, for `matplotlib.rc_context`."""
    import matplotlib as mpl  # noqa: PLC0415 - only those who draw pay for it

    return mpl.rc_params_from_file(STYLE / "resilience.mplstyle", use_default_template=True)


def in_style(draw: Callable[Given, Drawn]) -> Callable[Given, Drawn]:
    """Make a drawing function work in the package's style, whatever the caller's settings are."""

    @wraps(draw)
    def drawn(*args: Given.args, **options: Given.kwargs) -> Drawn:
        import matplotlib as mpl  # noqa: PLC0415 - only those who draw pay for it

        with mpl.rc_context(style()):
            return draw(*args, **options)

    return drawn
