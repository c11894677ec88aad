import pytest

from resilience_analysis.foundation.errors import InputError
from resilience_analysis.survey.mapping import OFF_SCALE, read_mapping
from resilience_analysis.survey.responses import reason_code

FULL = """
tool: limesurvey
columns: {INF1: "likert2[progRSE4]", nis_code: socio1}
answers: {Strongly Agree: 4, Agree: 3, Neither: out_of_scale, Unsure: unknown}
answers_of: {INF2: {Always: 4, Never: 1}}
values: {nis_code: {Netherlands: 13011}}
fixed: {role: ambtenaar}
out_of_scale: [INF3]
"""


def test_every_part_of_a_mapping_is_read(write, instrument):
    mapping = read_mapping(write(FULL, "map.yml"), instrument)
    assert mapping.tool == "limesurvey"
    assert mapping.columns["INF1"] == "likert2[progRSE4]"
    assert mapping.meanings("INF1") == {
        "Strongly Agree": 4,
        "Agree": 3,
        "Neither": OFF_SCALE,
        "Unsure": reason_code("unknown"),
    }
    assert mapping.meanings("INF2") == {"Always": 4, "Never": 1}
    assert mapping.values == {"nis_code": {"Netherlands": "13011"}}
    assert mapping.fixed == {"role": "ambtenaar"}
    assert mapping.out_of_scale == {"INF3"}


def test_answers_hold_for_mapped_items_only(write, instrument):
    mapping = read_mapping(write(FULL, "map.yml"), instrument)
    assert not mapping.meanings("LER1")


def test_empty_parts_are_no_fault(write, instrument):
    mapping = read_mapping(write("columns: {INF1: a}\nanswers:\n", "map.yml"), instrument)
    assert not mapping.answers


def test_all_faults_of_a_mapping_come_at_once(write, instrument):
    text = """
colums: {INF1: a}
columns: {INF9: a}
answers: {Agree: 7}
answers_of: {DT9: {x: 1}}
values: [a]
fixed: {pseudonym: x}
out_of_scale: [LER9]
"""
    with pytest.raises(InputError) as raised:
        read_mapping(write(text, "map.yml"), instrument)
    message = str(raised.value)
    assert len(raised.value.problems) == 7
    assert "did you mean 'columns'" in message
    assert all(name in message for name in ("'INF9'", "'7'", "'DT9'", "values", "'pseudonym'", "'LER9'"))


def test_list_instead_of_a_mapping_is_refused(write, instrument):
    with pytest.raises(InputError, match="must be a mapping of fields: tool, columns"):
        read_mapping(write("- a\n- b\n", "map.yml"), instrument)
