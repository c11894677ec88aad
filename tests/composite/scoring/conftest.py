"""A small data file and framework, as an analyst would have them."""

from __future__ import annotations

from pathlib import Path

import pytest

DATA = """nis_code,name,province,people,trust,crime,green,jobs
01001,Aa,north,100,1.5,9,10,
02002,Bee,north,200,2.5,8,20,5
13011,Cee,south,400,3.5,4,40,7
13012,Dee,south,500,2.0,2,80,9
13013,Eee,south,300,,5,30,1
"""

FRAMEWORK = """
codes:
  - code: index
    children:
      - code: social
        weight: 2
        children:
          - {code: trust, label: Trust, direction: 1}
          - {code: crime, direction: -1, denominator: people, denominator_scale: 1000}
      - code: spatial
        children:
          - {code: green, direction: 1}
          - {code: jobs, direction: 1}
groups: [province]
defaults: {normalise: minmax, range: [1, 100], aggregate: arithmetic}
"""

IMETA = """Level,iCode,iName,Direction,Weight,Unit,Parent,Type,Denominator
1,trust,Trust,1,1,score,social,Indicator,
1,crime,Crime,-1,1,n,social,Indicator,people
1,green,Green,1,1,%,spatial,Indicator,
1,jobs,Jobs,1,1,%,spatial,Indicator,
2,social,Social,1,2,score,index,Aggregate,
2,spatial,Spatial,1,1,score,index,Aggregate,
3,index,Index,1,1,score,,Aggregate,
,province,Province,,,,,Group,
,people,People,,,n,,Denominator,
"""


@pytest.fixture
def data(tmp_path) -> Path:
    return write(tmp_path / "data.csv", DATA)


@pytest.fixture
def framework(tmp_path) -> Path:
    return write(tmp_path / "framework.yml", FRAMEWORK)


@pytest.fixture
def imeta(tmp_path) -> Path:
    return write(tmp_path / "iMeta.csv", IMETA)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
