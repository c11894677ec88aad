"""A register can be filled in as a workbook with drop-down lists, and is read as it is saved."""

from __future__ import annotations

import io

import openpyxl
import pytest

from resilience_analysis.data.register_words import LOCAL_FILE, read_words
from resilience_analysis.data.registers import read_registers, write_template
from resilience_analysis.foundation.errors import UsageError


def test_a_filled_in_template_is_read(root, tmp_path):
    words = read_words(root / "definitions" / LOCAL_FILE)
    (tmp_path / "local").mkdir()
    for register, file in (("proces", "p.xlsx"), ("woonprojecten", "w.xlsx")):
        write_template(tmp_path / "local" / file, register, words, ["Olen", "Herentals"])
    book = openpyxl.load_workbook(tmp_path / "local" / "p.xlsx")
    book["register"].append(["17/03/2026", "overleg", "Overleg", "Olen", None, "gehouden"])
    book.save(tmp_path / "local" / "p.xlsx")
    files = {"process": {"file": "local/p.xlsx"}, "housing": {"file": "local/w.xlsx"}}
    words = {name: {**words[name], **files[name]} for name in files}
    place = {"codes": ["13029"], "names": {"13029": "Olen"}, "regions": []}
    extent = (2.3, 49.4, 6.5, 51.6)
    registers = read_registers(tmp_path, words, **place, extent=extent, example=False)
    assert registers.process[["date", "type", "area", "status"]].to_numpy().tolist() == [
        ["2026-03-17", "overleg", "13029", "gehouden"]
    ]


def test_the_lists_hold_the_words_of_the_definitions(root, tmp_path):
    words = read_words(root / "definitions" / LOCAL_FILE)
    write_template(tmp_path / "a.xlsx", "proces", words, ["Olen"])
    book = openpyxl.load_workbook(io.BytesIO((tmp_path / "a.xlsx").read_bytes()))
    lists = {column[0].value: [cell.value for cell in column[1:] if cell.value] for column in book["lijsten"].columns}
    assert lists["status"] == list(words["process"]["statuses"])
    kinds = [rule.type for rule in book["register"].data_validations.dataValidation]
    assert (kinds.count("list"), kinds.count("date")) == (5, 3)


def test_the_same_template_gives_the_same_bytes(root, tmp_path):
    words = read_words(root / "definitions" / LOCAL_FILE)
    for name in ("a.xlsx", "b.xlsx"):
        write_template(tmp_path / name, "woonprojecten", words, ["Olen"])
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_an_unknown_register_is_refused(tmp_path):
    with pytest.raises(UsageError, match="unknown register 'process'; did you mean 'proces'"):
        write_template(tmp_path / "a.xlsx", "process", {}, [])
