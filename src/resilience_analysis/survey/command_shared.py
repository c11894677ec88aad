"""What the commands of the survey share: the places that are asked about, the instrument, files that must exist."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from resilience_analysis.foundation.errors import UsageError

if TYPE_CHECKING:
    from resilience_analysis.survey.instrument import Instrument

Places = Annotated[Path | None, typer.Option(help="CSV with nis_code, name and village: other places than Neteland.")]


def refuse_absent(path: Path | None) -> None:
    """Refuse a file that does not exist as wrong use."""
    if path is not None and not path.exists():
        raise UsageError(f"{path} does not exist")


def asked_instrument(places: Path | None) -> Instrument:
    """Return the instrument, for the places of a file where one is named."""
    from resilience_analysis.survey.items import load_instrument
    from resilience_analysis.survey.places import read_other_places

    refuse_absent(places)
    instrument = load_instrument()
    return instrument if places is None else instrument.with_places(*read_other_places(places))
