"""Running the notebook of a report: what is read and written is what papermill's own engine reads and writes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, output_from_msg
from tests.batch.lab import Lab, shown_text, task, write_notebook

from resilience_analysis.batch.direct import output_of
from resilience_analysis.batch.execute import notebook_text, read_notebook
from resilience_analysis.batch.tasks import Application, Product, Settings, Task
from resilience_analysis.foundation.project import Project

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
BUNDLES = st.fixed_dictionaries({"text/plain": WORDS}, optional={"text/html": WORDS, "application/json": PLAIN})


@given(bundle=BUNDLES, source=WORDS, note=st.dictionaries(WORDS, PLAIN, max_size=3), printed=WORDS)
def test_a_notebook_is_written_as_nbformat_writes_it(
    bundle: dict[str, Any], source: str, note: dict[str, Any], printed: str
) -> None:
    outputs = [new_output("display_data", bundle, metadata=note), new_output("stream", name="stdout", text=printed)]
    cells = [new_markdown_cell(source), new_code_cell(source, outputs=outputs, execution_count=1)]
    notebook = new_notebook(cells=cells, metadata={"papermill": note})
    before = nbformat.from_dict(notebook)
    assert notebook_text(notebook) == nbformat.writes(notebook)
    assert notebook == before


@given(bundle=BUNDLES, metadata=st.dictionaries(WORDS, PLAIN, max_size=2), count=st.integers(0, 9))
def test_an_output_is_what_nbformat_makes_of_a_message(
    bundle: dict[str, Any], metadata: dict[str, Any], count: int
) -> None:
    content = {"data": bundle, "metadata": metadata, "execution_count": count}
    for kind in ("display_data", "execute_result"):
        message = {"msg_type": kind, "header": {"msg_type": kind}, "content": content}
        found, expected = output_of(message), output_from_msg(message)
        assert found == expected
        assert type(found.data) is type(expected.data)


def test_a_notebook_that_changes_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    sources = []
    for source in ("1", "1 + 1"):
        path.write_text(nbformat.writes(new_notebook(cells=[new_code_cell(source)])), encoding="utf-8")
        sources.append(read_notebook(path).cells[0].source)
    assert sources == ["1", "1 + 1"]
    assert read_notebook(path) is read_notebook(path)


def the_family(_: Project, asked: Task) -> str:
    return str(asked.parameters["who"])


def note_who(project: Project, asked: Task, _: object) -> bool:
    """Note which process draws for a family, and whether that is one of a batch that has a turn of its own."""
    with (project.root / "drawn.txt").open("a", encoding="utf-8") as stream:
        stream.write(f"{asked.parameters['who']} {os.getpid()}\n")
    return False


def test_what_families_share_is_drawn_ahead_in_one_process_beside_the_reports(
    lab: Lab, workshop: Project, tmp_path: Path
) -> None:
    drawing = Application({"html": Product((".html",), shown_text)}, family=the_family, prepare=note_who)
    notebook = write_notebook(workshop, "families", "who")
    tasks = [task(notebook, f"{who}-{number}.nl", who=who) for who in "ab" for number in (1, 2)]
    made = lab(workshop, tasks, Settings(tmp_path / "out", jobs=2, force=True), drawing)
    assert set(made.states.values()) == {"made"}
    drawn = [line.split() for line in (workshop.root / "drawn.txt").read_text(encoding="utf-8").splitlines()]
    by_process: dict[str, list[str]] = {}
    for who, process in drawn:
        by_process.setdefault(process, []).append(who)
    ahead, server = sorted(by_process.values(), key=len)
    assert (ahead, sorted(server)) == (["a", "b"], ["a", "a", "b", "b"])
    place = {tuple(line): number for number, line in reversed(list(enumerate(drawn)))}
    first = next(process for process, whom in by_process.items() if whom == ahead)
    other = next(process for process, whom in by_process.items() if whom != ahead)
    assert all(place[who, first] < place[who, other] for who in "ab")


def test_a_kernel_that_was_made_before_the_fork_has_the_folder_and_settings_of_the_report(
    lab: Lab, workshop: Project, tmp_path: Path
) -> None:
    told = "import os, pathlib; pathlib.Path.cwd().name, _dh == [pathlib.Path.cwd()], os.environ['TERM'], len(In)"
    notebook = write_notebook(workshop, "folder", told)
    made = lab(workshop, [task(notebook, "folder.nl")], Settings(tmp_path / "out", force=True))
    assert made.states == {"folder.nl": "made"}
    page = (tmp_path / "out" / "folder.nl.html").read_text(encoding="utf-8")
    assert "('notebooks', True, 'xterm-color', 4)" in page.replace("\\'", "'")
