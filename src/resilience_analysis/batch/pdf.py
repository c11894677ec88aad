"""Print a report as PDF: the same HTML, tagged, with an outline and its fonts inside.

WeasyPrint prints the HTML itself, so that page and PDF cannot say different things; it needs Debian's pango, which is
why it is an extra (``make pdf``). The font comes with matplotlib, so that a PDF looks the same on every machine.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl

from resilience_analysis.foundation.errors import UsageError

VERSION = "1.7"
_FACES = {"DejaVuSans.ttf": ("normal", "normal"), "DejaVuSans-Bold.ttf": ("bold", "normal"),
          "DejaVuSans-Oblique.ttf": ("normal", "italic"), "DejaVuSans-BoldOblique.ttf": ("bold", "italic")}  # fmt: skip
_REMEDY = "PDF needs an extra: run `make pdf`, or install resilience-analysis[pdf] and Debian's libpango-1.0-0"


def to_pdf(html: str) -> bytes:
    """Print one HTML document.

    Parameters
    ----------
    html
        A whole document that loads nothing from anywhere.

    Returns
    -------
    bytes
        PDF 1.7, tagged. It does not claim to be PDF/UA: WeasyPrint sets a caption beside its figure, not in it.

    Raises
    ------
    UsageError
        When the engine is not installed.
    ValueError
        When the document would load something from the network.
    """
    weasyprint = _engine()
    fonts = _fonts()
    # a report loads nothing from the network: what it shows is in it, fonts are on disk
    offline = weasyprint.urls.URLFetcher(allowed_protocols=("data", "file"), fail_on_errors=True)
    document = weasyprint.HTML(string=html, url_fetcher=offline)
    style = weasyprint.CSS(string=_font_css(), font_config=fonts)
    try:
        printed: bytes = document.write_pdf(
            stylesheets=[style], font_config=fonts, pdf_version=VERSION, pdf_tags=True,
            presentational_hints=True,  # figures are as wide as their width attribute says
        )  # fmt: skip
    except weasyprint.urls.FatalURLFetchingError as error:  # not an Exception: it would end a whole batch
        raise ValueError(f"a report loads nothing from elsewhere: {error}") from error
    return printed


def check_engine() -> None:
    """Raise `UsageError` when the engine is not installed."""
    _engine()


def _engine() -> Any:
    try:
        import weasyprint  # noqa: PLC0415 - an extra that most installations lack
    except (ImportError, OSError) as error:
        raise UsageError(f"{_REMEDY} ({error})") from error
    return weasyprint


@cache
def _fonts() -> Any:
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415 - comes with the extra

    return FontConfiguration()


@cache
def _font_css() -> str:
    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    faces = [
        f'@font-face {{ font-family: "Report"; src: url("{(folder / name).as_uri()}"); '
        f"font-weight: {weight}; font-style: {style}; }}"
        for name, (weight, style) in _FACES.items()
    ]
    return "\n".join([*faces, 'body { font-family: "Report", sans-serif; }'])
