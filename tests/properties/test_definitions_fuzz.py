"""Whatever stands in a definition file, loading it ends in the thing itself or in a refusal that names the file."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resilience_analysis.data.catalogue import read_catalogue, read_lock
from resilience_analysis.data.read_table import read_corrections
from resilience_analysis.data.register_words import read_words
from resilience_analysis.foundation.errors import InputError
from resilience_analysis.foundation.files import read_yaml
from resilience_analysis.foundation.project import find_project
from resilience_analysis.foundation.texts import WORDS, Texts, _load
from resilience_analysis.geography.groups import read_regions
from resilience_analysis.indicators.framework import load_framework

Reader = Callable[[Path], Any]
CORRECTION = {"source": "s", "nis_code": "11001", "year": 2024, "variable": "v", "expect": 1, "value": 2, "why": "x"}


def load_words(path: Path) -> Texts:
    """Load Dutch texts past the cache."""
    return _load.__wrapped__("nl", path.parents[1])


READERS: dict[str, tuple[str, Reader]] = {
    "framework": ("framework.yml", lambda path: load_framework(path.parent)),
    "regions": ("regions.yml", read_regions),
    "texts": ("texts/nl.yml", load_words),
    "local words": ("local.yml", read_words),
    "corrections": ("corrections.yml", lambda path: read_corrections(path, sources=["s"])),
    "sources": ("sources.yml", lambda path: read_catalogue(path.parent)),
    "lock": ("sources.lock.yml", lambda path: read_lock(path.parent)),
}

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates()
contents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4) | st.integers(), inner, max_size=3),
    max_leaves=8,
)
near_yaml = st.text(alphabet="ab:- \n[]{}!&*?#|>'\"%@`,<12\t.", max_size=40)


def settle(reader: Reader, path: Path) -> None:
    """Read the file; a refusal is fine as long as it names what is wrong."""
    refusal = None
    try:
        reader(path)
    except InputError as error:
        refusal = error
    assert refusal is None or all(problem.where and problem.what for problem in refusal.problems)


def original(name: str) -> Any:
    """Return the content of the definition as it stands in the package or project."""
    if name == "corrections":
        return [dict(CORRECTION), dict(CORRECTION)]
    folders = {"sources": find_project().raw, "lock": find_project().raw, "texts": WORDS}
    return read_yaml(folders.get(name, find_project().definitions) / READERS[name][0])


def places(content: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value of nested mappings and lists."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(content, dict):
        inner = list(content.items())
    elif isinstance(content, list):
        inner = list(enumerate(content))
    return [place for key, value in inner for place in [(*way, key), *places(value, (*way, key))]]


def damage(content: Any, place: tuple[Any, ...], value: Any, *, remove: bool) -> Any:
    """Put another value at a place, or take it away."""
    *way, last = place
    target = content
    for key in way:
        target = target[key]
    if remove:
        del target[last]
    else:
        target[last] = value
    return content


@pytest.mark.parametrize("name", list(READERS))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=near_yaml | st.binary(max_size=30) | contents.map(yaml.safe_dump))
def test_any_text_is_read_or_refused(tmp_path, name, text):
    file, reader = READERS[name]
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    settle(reader, tmp_path / file)


@pytest.mark.parametrize("name", list(READERS))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**9), value=contents, remove=st.booleans())
def test_one_value_that_is_damaged_is_read_or_refused(tmp_path, name, seed, value, remove):
    file, reader = READERS[name]
    (tmp_path / file).parent.mkdir(exist_ok=True)
    content = original(name)
    place = random.Random(seed).choice(places(content))
    (tmp_path / file).write_text(yaml.safe_dump(damage(content, place, value, remove=remove)), encoding="utf-8")
    if name == "framework":
        (tmp_path / "goalposts.yml").write_bytes((find_project().definitions / "goalposts.yml").read_bytes())
    settle(reader, tmp_path / file)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**9), value=contents, remove=st.booleans())
def test_frozen_goalposts_that_are_damaged_are_read_or_refused(tmp_path, seed, value, remove):
    (tmp_path / "framework.yml").write_bytes((find_project().definitions / "framework.yml").read_bytes())
    content = read_yaml(find_project().definitions / "goalposts.yml")
    place = random.Random(seed).choice(places(content))
    (tmp_path / "goalposts.yml").write_text(yaml.safe_dump(damage(content, place, value, remove=remove)))
    settle(lambda path: load_framework(path.parent), tmp_path / "goalposts.yml")
