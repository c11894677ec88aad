"""What is half added: a tool, format, section, kind of report, reason, language or colour that lacks what it needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from types import ModuleType
from typing import Any

from resilience_analysis.data import publishers
from resilience_analysis.foundation.errors import Problem, refusals
from resilience_analysis.foundation.files import read_yaml
from resilience_analysis.foundation.settings import GENERAL, PACKAGE
from resilience_analysis.foundation.style import palette
from resilience_analysis.foundation.texts import REASONS, languages
from resilience_analysis.foundation.vocabulary import HIDDEN_BECAUSE, MISSING_REASONS, STRANDS, entry_names, load_entry
from resilience_analysis.pages import sections
from resilience_analysis.pages.page import PageSection, page_section, section_names
from resilience_analysis.reports.kinds import KINDS, named
from resilience_analysis.survey import exports

Names = Callable[[Any], "list[str]"]
_TEXTS = "[a-z][a-z].yml"
_ADD = "Add it, as CONTRIBUTING says"


def half_added() -> list[Problem]:
    """Return every entry of a registry that lacks what it needs."""
    problems = [
        *_entries(exports, "TOOLS", _tools),
        *_entries(publishers, "READERS", _formats),
        *_entries(sections, "SECTION", _section),
        *_kinds(),
    ]
    problems += refusals("style/palette.yml", palette)
    return problems + _stray_words() + ([] if problems else _unlisted())


def needed_texts() -> list[str]:
    """Return the keys of texts that code asks for by the name of something else."""
    wanted = {"reason": MISSING_REASONS, "reason_short": MISSING_REASONS, "strand": STRANDS, "strand_long": STRANDS}
    titles = [f"{name}.title" for name in section_names() if page_section(name).listed]
    titles += [text for kind in KINDS.values() for text in (kind.title, kind.heading)]
    return [f"{group}.{name}" for group, names in wanted.items() for name in names] + titles


def _entries(package: ModuleType, part: str, names_of: Names) -> list[Problem]:
    """Return every module of a registry that does not declare its part, or declares what another has already."""
    problems, found = [], []
    for name in entry_names(package.__path__):
        where = f"{package.__name__.partition('.')[2].replace('.', '/')}/{name}"
        faults = refusals(where, partial(load_entry, package.__name__, name, part))
        names = [] if faults else names_of(load_entry(package.__name__, name, part))
        found += [(entry, where) for entry in names]
        if not faults and not names:
            faults = [Problem(where, f"its {part} are not what they should be, or none", _ADD)]
        problems += faults
    counted = Counter(entry for entry, _ in found)
    return problems + [
        Problem(where, f"{entry!r} is declared more than once", "Give it another name")
        for entry, where in found
        if counted[entry] > 1
    ]


def _tools(part: object) -> list[str]:
    right = isinstance(part, tuple) and all(isinstance(tool, exports.SurveyTool) for tool in part)
    return [tool.name for tool in part] if right and isinstance(part, tuple) else []


def _formats(part: object) -> list[str]:
    return [*part] if isinstance(part, Mapping) and all(map(callable, part.values())) else []


def _section(part: object) -> list[str]:
    return [part.anchor] if isinstance(part, PageSection) else []


def _kinds() -> list[Problem]:
    """Return every kind of report whose page cannot be loaded, or names a section that is not there."""
    problems = []
    for kind in KINDS.values():
        where = f"report kind {kind.name}"
        try:
            wanted = named(kind.page).sections
        except (ImportError, AttributeError) as error:
            problems.append(Problem(where, f"its page cannot be loaded ({error})", _ADD))
            continue
        lacking = [name for name in wanted if name not in section_names()]
        problems += [Problem(where, f"its page has the section {name}, which does not exist", _ADD) for name in lacking]
    return problems


def _unlisted() -> list[Problem]:
    """Return every section that no report has."""
    listed = {name for kind in KINDS.values() for name in named(kind.page).sections}
    remedy = "Put its name in the list of a page, such as pages/profile"
    return [
        Problem(f"pages/sections/{name}", "is in no report", remedy) for name in section_names() if name not in listed
    ]


def _stray_words() -> list[Problem]:
    """Return every text file of a language without general words, and words of a reason that there is not."""
    known, remedy = languages(), "Add {}/{}.yml, as CONTRIBUTING says"
    files = sorted(
        {path for name in known for there in PACKAGE.rglob(f"{name}.yml") for path in there.parent.glob(_TEXTS)}
    )
    strays = [path for path in files if path.stem not in known]
    problems = [
        Problem(
            path.relative_to(PACKAGE).as_posix(),
            f"the language {path.stem} has no general words",
            remedy.format(GENERAL, path.stem),
        )
        for path in strays
    ]
    unused = set(read_yaml(PACKAGE / REASONS)) - {*MISSING_REASONS, *HIDDEN_BECAUSE}
    remedy = "Add it to foundation/vocabulary.py"
    return problems + [Problem(f"{REASONS}, {name}", "is not a reason", remedy) for name in sorted(unused)]
