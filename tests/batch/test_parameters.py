import nbformat
import pytest
from tests.batch.lab import write_notebook

from resilience_analysis.batch.local import check_parameters, parameters_of
from resilience_analysis.foundation.errors import InputError, UsageError


def test_the_parameters_of_a_notebook_are_those_of_its_tagged_cell(workshop):
    path = workshop.notebooks / write_notebook(workshop, "some", "x = 1", parameters='who = "me"\nhow_many = 3')
    assert parameters_of(path) == ["who", "how_many"]
    check_parameters(path, ["how_many"])


def test_a_misspelt_parameter_is_refused_with_the_nearest(workshop):
    path = workshop.notebooks / write_notebook(workshop, "some", parameters='nis_code = "13011"')
    with pytest.raises(UsageError, match="unknown parameter 'nis_cod'; did you mean 'nis_code'"):
        check_parameters(path, ["nis_cod"])


def test_a_parameter_that_is_only_commented_out_does_not_count(workshop):
    path = workshop.notebooks / write_notebook(workshop, "some", parameters='who = "me"\n# region = "neteland"')
    with pytest.raises(UsageError, match="unknown parameter 'region'"):
        check_parameters(path, ["region"])


def test_a_second_cell_with_parameters_would_win_silently_and_is_refused(workshop):
    path = workshop.notebooks / write_notebook(workshop, "some", "x = 1")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].metadata["tags"] = ["parameters"]
    nbformat.write(notebook, path)
    with pytest.raises(InputError, match="cells 1, 2 are all tagged 'parameters'"):
        check_parameters(path, ["who"])


def test_a_notebook_without_parameters_is_refused(workshop):
    path = workshop.notebooks / write_notebook(workshop, "some")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].metadata["tags"] = []
    nbformat.write(notebook, path)
    with pytest.raises(InputError, match="has no cell tagged 'parameters'"):
        check_parameters(path, [])


@pytest.mark.parametrize("content", ["", "not a notebook", "{}", '{"cells": 3}'])
def test_what_is_no_notebook_is_refused_by_name(tmp_path, content):
    path = tmp_path / "odd.ipynb"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"odd\.ipynb"):
        check_parameters(path, [])


def test_a_folder_with_braces_in_its_name_does_no_harm(workshop, tmp_path):
    folder = tmp_path / "{odd} folder"
    folder.mkdir()
    source = workshop.notebooks / write_notebook(workshop, "some")
    target = folder / "some.ipynb"
    target.write_bytes(source.read_bytes())
    assert parameters_of(target) == ["who"]
