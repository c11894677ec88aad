from pathlib import Path

from tests.batch.lab import write_notebook

from resilience_analysis.batch.cluster import pack, unpack
from resilience_analysis.batch.stale import input_digests


def test_a_project_laid_out_elsewhere_has_the_same_inputs(workshop, tmp_path):
    notebook = write_notebook(workshop, "sent")
    project = unpack(pack(workshop, [notebook]), tmp_path)
    assert input_digests(project, [notebook]) == input_digests(workshop, [notebook])
    assert project.root.is_relative_to(Path(tmp_path).resolve())


def test_the_same_inputs_are_sent_as_the_same_bytes(workshop):
    notebook = write_notebook(workshop, "sent")
    assert pack(workshop, [notebook]) == pack(workshop, [notebook])


def test_an_archive_is_unpacked_once_however_often_asked(workshop, tmp_path):
    archive = pack(workshop, [write_notebook(workshop, "sent")])
    project = unpack(archive, tmp_path)
    (project.root / "mark").touch()
    assert unpack(archive, tmp_path) == project
    assert [path.name for path in tmp_path.iterdir()] == [project.root.name]
    assert (project.root / "mark").exists()


def test_raw_data_and_answers_of_people_stay_at_home(workshop, tmp_path):
    project = unpack(pack(workshop, []), tmp_path)
    defined = [path for path in workshop.definitions.iterdir() if path.is_file()]  # schemas are for editors
    sent = {path.relative_to(project.root).parts[:2] for path in project.root.rglob("*") if path.is_file()}
    assert sent == {("data", "processed"), ("data", "raw")} | {("definitions", path.name) for path in defined}
    assert [path.name for path in project.raw.iterdir()] == ["sources.yml"]
