import pandas as pd
import pytest

from resilience_analysis.cli.data import split_list
from resilience_analysis.foundation.errors import UsageError
from resilience_analysis.foundation.project import find_project
from resilience_analysis.geography.groups import read_regions
from resilience_analysis.reports.kinds import KINDS, remembered
from resilience_analysis.reports.places import Places, choose, chosen_municipalities

COLUMNS = ["nis_code", "name", "province", "reference_region", "facility_level"]
ROWS = [
    ("13010", "Grobbendonk", "10000", "REFREG03", "3"),
    ("13011", "Herentals", "10000", "REFREG03", "2"),
    ("13012", "Herenthout", "10000", "REFREG03", "3"),
    ("13029", "Olen", "10000", "REFREG03", "3"),
    ("13044", "Vorselaar", "10000", "REFREG03", "3"),
    ("13040", "Turnhout", "10000", "REFREG03", "1"),
    ("44021", "Gent", "40000", "REFREG07", "1"),
    ("46021", "Sint-Niklaas", "40000", "REFREG12", "1"),
]
NETELAND = ["13010", "13011", "13012", "13029", "13044"]


def profile_tasks(places, codes, *, languages=("nl",), **options):
    chosen = chosen_municipalities(places, codes, **options)
    return KINDS["profile"].tasks(chosen, languages=languages, products=["html"])


@pytest.fixture(scope="module")
def places():
    municipalities = pd.DataFrame(ROWS, columns=COLUMNS).set_index("nis_code")
    mergers = pd.DataFrame([("46013", "46021", "2025-01-01")], columns=["old_nis_code", "new_nis_code", "valid_from"])
    return Places(municipalities, mergers, read_regions(find_project().definition("regions.yml")), "neteland")


def test_without_a_choice_the_members_of_neteland_are_made(places):
    assert choose(places) == NETELAND


def test_names_and_codes_are_found_in_the_order_asked(places):
    assert choose(places, wanted=["olen", "13011", "Olen"]) == ["13029", "13011"]


def test_all_means_every_municipality_there_is(places):
    assert choose(places, everything=True) == [row[0] for row in ROWS]


def test_all_excludes_naming_a_region_or_municipality(places):
    with pytest.raises(UsageError, match="leave out --nis and --region"):
        choose(places, everything=True, region="neteland")


def test_every_unknown_municipality_is_named_at_once_with_the_nearest(places):
    with pytest.raises(UsageError) as caught:
        choose(places, wanted=["Herentols", "99999"])
    assert "did you mean 13011 Herentals?" in str(caught.value)
    assert "99999" in str(caught.value)


def test_an_ended_code_says_into_what_it_merged(places):
    with pytest.raises(UsageError, match="46013 merged on 2025-01-01 into 46021 Sint-Niklaas"):
        choose(places, wanted=["46013"])


def test_a_misspelt_region_is_refused_with_the_nearest(places):
    with pytest.raises(UsageError, match="did you mean 'neteland'"):
        choose(places, region="netelnd")


def test_a_municipality_outside_the_region_asked_for_is_refused(places):
    with pytest.raises(UsageError, match="44021 Gent not in neteland"):
        choose(places, wanted=["Gent"], region="neteland")


def test_a_region_can_be_a_list_of_codes_whose_members_come_in_the_order_of_the_table(places):
    assert choose(places, region="13029, 13011") == ["13011", "13029"]


def test_each_task_names_its_files_after_code_name_and_language(places):
    tasks = profile_tasks(places, ["13011", "46021"], languages=["nl", "en"])
    stems = [task.stem for task in tasks]
    assert stems == ["13011-herentals.nl", "46021-sint-niklaas.nl", "13011-herentals.en", "46021-sint-niklaas.en"]
    assert tasks[0].title == "Veerkrachtprofiel Herentals"


def test_the_home_of_every_municipality_is_the_first_region_that_it_belongs_to(places):
    for code in places.names.index:
        belongs = [name for name in places.geography.home if code in places.members(name, of=code)]
        assert places.home(code) == [*belongs, code][0]


def test_a_profile_is_drawn_in_its_home_region_unless_asked_otherwise(places):
    home = profile_tasks(places, ["13011", "44021"])
    assert [task.parameters["region"] for task in home] == ["neteland", "reference_region"]
    asked = profile_tasks(places, ["13011"], region="KEMPEN")
    assert asked[0].parameters["region"] == "kempen"


def test_the_same_profile_has_the_same_task_however_it_was_asked_for(places):
    by_region = profile_tasks(places, choose(places, region="neteland"), region="neteland")
    by_name = profile_tasks(places, choose(places, wanted=["Herentals"]))
    assert by_name[0] in by_region


def test_the_tasks_of_a_command_are_found_once_while_its_project_stays_as_it_is(places, small_project):
    asked, found = {"kind": "profile", "named": ["13011"]}, []

    def find():
        found.append(profile_tasks(places, ["13011"]))
        return found[-1]

    assert remembered(small_project, asked, find) == remembered(small_project, asked, find) == found[0]
    assert len(found) == 1
    remembered(small_project, {**asked, "named": []}, find)
    definition = small_project.definition("regions.yml")
    before = definition.read_bytes()
    definition.write_bytes(before + b"# changed\n")
    remembered(small_project, asked, find)
    definition.write_bytes(before)
    assert len(found) == 3


def test_an_unknown_comparator_is_refused_before_anything_runs(places):
    with pytest.raises(UsageError, match="unknown region 'nearby'"):
        profile_tasks(places, ["13011"], comparator="nearby")


def test_options_may_be_repeated_or_separated_by_commas():
    assert split_list(["nl, en", "nl"], kind="language", known=["nl", "en"]) == ["nl", "en"]
    with pytest.raises(UsageError, match="unknown language 'fr'"):
        split_list(["fr"], kind="language", known=["nl", "en"])
