"""The shared ground of all profiles, on real figures and with the invented examples."""

from __future__ import annotations

from pathlib import Path

from resilience_analysis.build import assemble
from resilience_analysis.data.catalogue import read_catalogue
from resilience_analysis.data.processed import Processed
from resilience_analysis.data.raw import read_raw
from resilience_analysis.foundation.project import DEFINITIONS, Project
from resilience_analysis.geography.groups import read_regions
from resilience_analysis.indicators.framework import load_framework
from resilience_analysis.profiles.dataset import Atlas
from resilience_analysis.self_assessment.answers import read_voices
from resilience_analysis.survey.items import load_instrument

RAW = Path(__file__).resolve().parents[1] / "data" / "raw"
FIVE = ("13010", "13011", "13012", "13029", "13044")
MERGED = "44087"


def make_atlas(tables: Processed) -> Atlas:
    """Arrange tables as profiles need them."""
    return Atlas(
        framework=load_framework(),
        geography=read_regions(DEFINITIONS / "regions.yml"),
        catalogue=read_catalogue(RAW),
        instrument=load_instrument(),
        tables=tables,
    )


def assembled(project: Project) -> Processed:
    """Build the tables of a project on the real figures."""
    catalogue = read_catalogue(RAW)
    raw = read_raw(RAW, catalogue, example=project.example)
    return assemble(raw, load_framework(), catalogue, voices=read_voices(project, load_instrument()))
