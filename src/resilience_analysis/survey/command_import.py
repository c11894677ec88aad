"""The commands ``resilience survey ...`` that ask, import, check, forget and make example data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from resilience_analysis.foundation.errors import InputError, Problem, UsageError, refusal
from resilience_analysis.foundation.terminal import note, say, show_table

if TYPE_CHECKING:
    from resilience_analysis.survey.forgetting import Forgotten
    from resilience_analysis.survey.importing import Imported
    from resilience_analysis.survey.instrument import Instrument
    from resilience_analysis.survey.mapping import ImportMapping
    from resilience_analysis.survey.workbook import FileFormat

APP = typer.Typer(
    help="The self-assessment: ask, import, check, estimate.", no_args_is_help=True, pretty_exceptions_enable=False
)
Places = Annotated[Path | None, typer.Option(help="CSV with nis_code, name and village: other places than Neteland.")]
Wave = Annotated[str, typer.Option(help="Label of the wave; begins with the year.")]
MappingFile = Annotated[Path | None, typer.Option(help="YAML: which columns and answers are which.")]
Out = Annotated[Path | None, typer.Option(help="Folder to write to; default below data/private.")]
Fixed = Annotated[list[str] | None, typer.Option("--set", help="FIELD=VALUE for every respondent.")]
Keep = Annotated[list[str] | None, typer.Option(help="Count previews, tests, spam, rejected, repeats.")]
Key = Annotated[Path | None, typer.Option(help="Key file of the pseudonyms, to follow people over waves.")]
TOOL_HELP = "auto, or the name of a tool; `resilience survey tools` lists them."
_WAVE = re.compile(r"\d{4}(?![0-9])[\w .-]{0,40}")


def refuse_absent(path: Path | None) -> None:
    """Refuse a file that does not exist as wrong use."""
    if path is not None and not path.exists():
        raise UsageError(f"{path} does not exist")


def asked_instrument(places: Path | None) -> Instrument:
    """Return the instrument, for the places of a file where one is named."""
    from resilience_analysis.survey.items import load_instrument, read_other_places

    refuse_absent(places)
    instrument = load_instrument()
    return instrument if places is None else instrument.with_places(*read_other_places(places))


@APP.command()
def questionnaire(
    form: Annotated[str, typer.Option("--format", help="xlsform, limesurvey, csv, md or html.")] = "xlsform",
    lang: Annotated[str, typer.Option(help="A language of items.yml; its first by default.")] = "",
    out: Annotated[Path | None, typer.Option(help="File to write.")] = None,
    places: Places = None,
) -> None:
    """Write the questionnaire."""
    from resilience_analysis.survey.questionnaire import FILE_NAMES, write_questionnaire

    path = out or Path(FILE_NAMES.get(form, "questionnaire"))
    instrument = asked_instrument(places)
    write_questionnaire(path, form, instrument, lang=lang or instrument.languages[0])
    say(f"wrote {path}")


@APP.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV or XLSX as the tool exported it.")],
    *,
    wave: Wave,
    tool: Annotated[str, typer.Option(help=TOOL_HELP)] = "auto",
    mapping: MappingFile = None,
    out: Out = None,
    fixed: Fixed = None,
    keep: Keep = None,
    delimiter: Annotated[str, typer.Option(help="What is between the cells of a CSV; tab for a tab.")] = "",
    encoding: Annotated[str, typer.Option(help="Character set of a CSV, such as cp1252.")] = "",
    sheet: Annotated[str, typer.Option(help="Sheet of a workbook, or file of a ZIP.")] = "",
    key: Key = None,
    places: Places = None,
) -> None:
    """Import what a survey tool exported: answers, a table of problems and a report."""
    from resilience_analysis.survey.workbook import FileFormat

    refuse_absent(file)
    _refuse_wave(wave)
    written = FileFormat("\t" if delimiter == "tab" else delimiter, encoding, sheet)
    asked = _Asked(wave, tool, mapping, out, fixed or [], keep or [], key, places)
    _import(file, asked, written)


@APP.command()
def fetch(
    server: Annotated[str, typer.Argument(help="kobo, limesurvey or odk.")],
    *,
    url: Annotated[str, typer.Option(help="Address of the server, https://...")],
    form: Annotated[str, typer.Option(help="Id of the form; of project and form (3/form) for odk.")],
    wave: Wave,
    mapping: MappingFile = None,
    out: Out = None,
    fixed: Fixed = None,
    keep: Keep = None,
    key: Key = None,
    places: Places = None,
) -> None:
    """Import straight from a server; its token is in the variable RESILIENCE_SURVEY_TOKEN."""
    import os
    import tempfile

    from resilience_analysis.survey.privacy import owner_only
    from resilience_analysis.survey.servers import SERVERS, TOKEN_VARIABLE, RemoteForm, fetch_submissions
    from resilience_analysis.survey.workbook import FileFormat

    _refuse_wave(wave)
    content = fetch_submissions(server, RemoteForm(url, form, os.environ.get(TOKEN_VARIABLE, "")))
    home = out or _private()
    asked = _Asked(wave, SERVERS[server][0], mapping, out, fixed or [], keep or [], key, places)
    with owner_only(home), tempfile.TemporaryDirectory(dir=home) as folder:
        file = Path(folder) / f"{server}-{_folder_name(form)}.csv"
        file.write_bytes(content)
        _import(file, asked, FileFormat())


class _Asked(NamedTuple):
    """What a user asks of an import."""

    wave: str
    tool: str
    mapping: Path | None
    out: Path | None
    fixed: Sequence[str]
    keep: Sequence[str]
    key: Path | None
    places: Path | None


def _import(file: Path, asked: _Asked, written: FileFormat) -> None:
    from resilience_analysis.survey.forgetting import read_forgotten
    from resilience_analysis.survey.import_report import write_import
    from resilience_analysis.survey.importing import ImportOptions, import_answers
    from resilience_analysis.survey.privacy import KEY_FILE, read_key

    instrument = asked_instrument(asked.places)
    folder = asked.out or _private() / asked.wave / _folder_name(file.stem)
    key_file = asked.key or (folder if asked.out else _private()) / KEY_FILE
    names = _municipality_names()
    options = ImportOptions(
        wave=asked.wave,
        tool=asked.tool,
        mapping=_mapping(asked.mapping, asked.fixed, instrument),
        municipalities=names,
        closed=bool(names),
        key=lambda: read_key(key_file),
        keep=_kinds(asked.keep),
        file=written,
        forgotten=read_forgotten(key_file.parent),
    )
    imported = import_answers(file, instrument, options)
    paths = write_import(folder, imported, file, asked.wave)
    _tell(imported, instrument)
    say("\n".join(f"wrote {path}" for path in paths))
    if not len(imported.responses.people):
        why = _most_frequent_reason(imported)
        what = f"no row could be used: {why}" if why else "no row could be used: there is none below its headings"
        raise refusal(file.name, what, f"{paths[1].name} says more" if why else "")


def _refuse_wave(wave: str) -> None:
    """Refuse the label of a wave that has no year, or that would not be the name of a folder."""
    if not _WAVE.fullmatch(wave) or wave.endswith((".", " ")) or ".." in wave:
        what = (
            "a wave begins with its year, such as 2026 or 2026-autumn, and has letters, digits, spaces and . _ - only"
        )
        raise UsageError(f"--wave {wave!r}: {what}")


def _folder_name(name: str) -> str:
    """Return a name without what cannot be the name of a folder."""
    return re.sub(r"[^\w -]+", "-", name).strip(" -") or "export"


def _kinds(keep: Sequence[str]) -> list[str]:
    from resilience_analysis.foundation.errors import unknown
    from resilience_analysis.survey.exports import KEPT

    kinds = [kind.strip() for text in keep for kind in text.split(",")]
    for kind in set(kinds).difference(KEPT):
        raise UsageError(f"--keep: {unknown('kind of submission', kind, KEPT)}")
    return kinds


def _tell(imported: Imported, instrument: Instrument) -> None:
    from resilience_analysis.survey.import_report import tell

    told = tell(imported, instrument)
    note("\n".join([*told.details, *(f"problem: {problem}" for problem in told.problems)]))
    if told.mapping:
        note("to use those columns all the same, correct these lines and give them with --mapping FILE:")
        note(told.mapping)


def _most_frequent_reason(imported: Imported) -> str:
    if imported.refusals and not len(imported.responses.codes.columns):
        return "its columns are on another scale"
    reasons = Counter(remark.why for remark in imported.submissions.set_aside)
    return reasons.most_common(1)[0][0] if reasons else ""


@APP.command()
def tools() -> None:
    """List the survey tools whose exports can be read."""
    from resilience_analysis.survey.exports import survey_tools

    for name, tool in sorted(survey_tools().items()):
        say(f"{name}: {tool.summary}")


@APP.command()
def check(
    place: Annotated[Path, typer.Argument(help="A file of answers, or a folder with files answers.csv.")],
) -> None:
    """Say what is wrong, thin or risky in files of answers."""
    import pandas as pd

    from resilience_analysis.survey.checking import FAULT, check_answers

    findings = check_answers(place, asked_instrument(None))
    if findings:
        show_table(pd.DataFrame(findings))
    faults = [Problem(finding.file, finding.what) for finding in findings if finding.kind == FAULT]
    if faults:
        raise InputError(str(place), faults)
    say("nothing is wrong with these answers")


@APP.command()
def example(
    out: Annotated[Path, typer.Option(help="File to write, CSV or XLSX.")],
    tool: Annotated[str, typer.Option(help="As which tool; `resilience survey tools` lists them.")] = "limesurvey",
    wave: Annotated[str | None, typer.Option(help="2025 or 2026; the last by default.")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed gives other answers.")] = None,
    lang: Annotated[str, typer.Option(help="A language of items.yml; its first by default.")] = "",
) -> None:
    """Write made-up answers, marked synthetic, as a survey tool exports them."""
    from resilience_analysis.survey.synthetic import SEED, simulate, write_example

    instrument = asked_instrument(None)
    simulated = simulate(instrument, wave=wave, seed=SEED if seed is None else seed)
    write_example(out, tool, simulated, instrument, lang=lang)
    say(f"wrote {out}: made-up answers, marked synthetic")


@APP.command()
def forget(
    place: Annotated[Path | None, typer.Argument(help="Folder with imports; data/private by default.")] = None,
    *,
    wave: Annotated[str, typer.Option(help="The wave whose answers go.")] = "",
    code: Annotated[str, typer.Option(help="A person's own code; - asks for it, so that no shell keeps it.")] = "",
    key: Annotated[Path | None, typer.Option(help="Key file of the pseudonyms, when it is elsewhere.")] = None,
) -> None:
    """Take out the answers of a wave, or of a person by a code of their own, and say what must be made again."""
    from resilience_analysis.survey.forgetting import forget as take_out
    from resilience_analysis.survey.forgetting import remember_forgotten
    from resilience_analysis.survey.privacy import KEY_FILE

    if not wave and not code:
        raise UsageError("say which answers: --wave 2025, --code CODE, or both")
    folder = place or _private()
    refuse_absent(folder)
    key_file = key or (folder if folder.is_dir() else folder.parent) / KEY_FILE
    person = _person(code, key_file) if code else ""
    done = take_out(folder, wave=wave, person=person)
    if person and not wave:
        remember_forgotten(key_file.parent, person)
    _tell_forgotten(done, one_person=bool(person))


def _tell_forgotten(done: Forgotten, *, one_person: bool) -> None:
    say("\n".join(f"changed {path}" for path in done.files))
    say(f"{done.respondents} respondents forgotten")
    if done.records and one_person:
        note("what was published of these waves stands: beside it, other results would tell what this person answered")
    elif done.records:
        say("\n".join(f"removed {path}" for path in done.records))
    note("make again what rests on these answers: resilience build, then the reports; estimates and exports too")
    note("the survey tool and its exports still hold them; what was published before does not change")


def _person(code: str, key_file: Path) -> str:
    """Return the number that follows from a person's own code, which is asked for where it is a dash."""
    from resilience_analysis.survey.privacy import pseudonym_id, read_key

    refuse_absent(key_file)
    return pseudonym_id(typer.prompt("code", hide_input=True) if code == "-" else code, read_key(key_file))


def _private() -> Path:
    from resilience_analysis.foundation.project import find_project

    try:
        return find_project().private
    except UsageError as error:
        raise UsageError(f"{error}, or say with --out where the answers go") from None


def _municipality_names() -> dict[str, str]:
    """Return the NIS code of every municipality of the project by name; none outside a project."""
    import pandas as pd

    from resilience_analysis.foundation.project import find_project

    try:
        path = find_project().processed / "municipalities.csv"
    except UsageError:
        return {}
    if not path.is_file():
        return {}
    table = pd.read_csv(path, dtype=str, usecols=["nis_code", "name"])
    return dict(zip(table["name"], table["nis_code"], strict=True))


def _mapping(path: Path | None, fixed: Sequence[str], instrument: Instrument) -> ImportMapping:
    from dataclasses import replace

    from resilience_analysis.foundation.errors import unknown
    from resilience_analysis.survey.instrument import FIELDS
    from resilience_analysis.survey.mapping import ImportMapping, read_mapping

    refuse_absent(path)
    mapping = read_mapping(path, instrument) if path else ImportMapping()
    pairs = dict(text.partition("=")[::2] for text in fixed)
    for name, value in pairs.items():
        if name not in FIELDS or not value:
            raise UsageError(f"--set {name}={value}: {unknown('field', name, FIELDS)}. Write --set FIELD=VALUE")
    return replace(mapping, fixed={**mapping.fixed, **pairs})
