"""One look for every picture of the package: colours that colour-blind readers tell apart, and one type size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

from resilience_analysis.foundation.files import read_yaml
from resilience_analysis.foundation.settings import PACKAGE

STYLE = PACKAGE / "style"
Given = ParamSpec("Given")
Drawn = TypeVar("Drawn")


@cache
def palette() -> Mapping[str, Any]:
    """Return the colours of ``style/palette.yml``."""
    return dict(read_yaml(STYLE / "palette.yml"))


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
