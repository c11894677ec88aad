"""What an analyst could fill in next: registers, answers, figures that exist elsewhere; the pages do not say it."""

from __future__ import annotations

from resilience_analysis.data.register_words import LOCAL_FILE, read_words
from resilience_analysis.foundation.forms import in_any
from resilience_analysis.foundation.project import Project
from resilience_analysis.indicators.framework import Framework
from resilience_analysis.profiles.next_steps import FILE_NAME, read_next_steps


def to_do(project: Project, framework: Framework, *, answered: bool, empty: dict[str, bool]) -> list[str]:
    """Return what is still to be filled in, a line each with the file or command.

    Parameters
    ----------
    project
        Whose definitions and registers.
    framework
        Names the figures that are wanted and exist elsewhere.
    answered
        Whether the self-assessment has answers.
    empty
        By register (``housing``, ``process``) whether it has no rows.
    """
    words = read_words(project.definition(LOCAL_FILE))
    lines = [
        f"data/raw/{words[name]['file']} is empty: fill it in (resilience template makes a workbook), then "
        "resilience lock and resilience build"
        for name, nothing in empty.items()
        if nothing and words[name]["file"]
    ]
    if not answered:
        lines.append(
            "no answers to the self-assessment: resilience survey questionnaire makes one, resilience survey import "
            "reads its answers"
        )
    steps = read_next_steps(project.definition(FILE_NAME), framework)
    for name, what in (("contacts", "whom to ask"), ("support", "who offers help"), ("ask", "what one could ask")):
        if not getattr(steps, name):
            lines.append(f"{FILE_NAME} says nothing of {what}: write {name}")
    lines += [
        f"{code} is wanted and exists: {in_any(candidate.would_come_from)} ({in_any(candidate.label)})"
        for code, candidate in framework.candidates.items()
        if candidate.exists
    ]
    return lines
