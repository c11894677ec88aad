"""What the commands of the survey share: other places, the instrument, files that must exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from resilience_analysis.foundation.errors import Problem, UsageError, raise_if_any

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

    refuse_absent(places)
    instrument = load_instrument()
    return instrument if places is None else instrument.with_places(*read_other_places(places))


def read_other_places(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Read other places: a CSV with columns nis_code, name and, where there are any, village.

    Returns
    -------
    tuple of dict
        Names by NIS code, and NIS codes by village; for `Instrument.with_places`.

    Raises
    ------
    InputError
        When a column is missing, a code is not five digits, or two municipalities have a village of one name.
    """
    from resilience_analysis.survey.wording import fold
    from resilience_analysis.survey.workbook import read_workbook

    sheet = read_workbook(path)[0]
    place = {fold(heading): number for number, heading in enumerate(sheet.rows[0])}
    absent = [name for name in ("nis_code", "name") if fold(name) not in place]
    problems = [Problem(path.name, f"the column {name} is missing") for name in absent]
    raise_if_any(path.name, problems)
    names: dict[str, str] = {}
    villages: dict[str, str] = {}
    for number, row in zip(sheet.numbers[1:], sheet.rows[1:], strict=True):
        code, name = row[place["nis code"]].strip(), row[place["name"]].strip()
        village = row[place["village"]].strip() if "village" in place else ""
        if not re.fullmatch(r"\d{5}", code):
            problems.append(Problem(f"{path.name}, row {number}", f"{code!r} is not a NIS code of five digits"))
        if village and villages.setdefault(village, code) != code:
            what = f"{village!r} lies in {villages[village]} too"
            problems.append(Problem(f"{path.name}, row {number}", what, f"Write {village} ({name})"))
        names[code] = name
    raise_if_any(path.name, problems)
    return names, villages
