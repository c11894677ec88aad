"""Reading and writing files: whole or not at all, the same bytes for the same content."""

from __future__ import annotations

import gc
import hashlib
import io
import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any, ClassVar

import yaml

from resilience_analysis.foundation.errors import InputError, Problem

try:  # the C parser reads the definitions ten times faster; not every platform ships it
    from yaml import CSafeLoader as YamlLoader
except ImportError:  # pragma: no cover
    from yaml import SafeLoader as YamlLoader  # type: ignore[assignment]


MAX_DEPTH = 50
MAX_VALUES = 1_000_000


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the collection of cycles: where lists are made by the million, looking through them takes half the time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


@contextmanager
def replacing(path: Path, *, private: bool = False) -> Iterator[Path]:
    """Yield a temporary path beside `path` and move it there when the block ends well.

    A reader never sees half a file: the temporary is removed when the block raises, and the move is atomic. A private
    file can be read by its owner only, and so can a folder that is made for it.

    Raises
    ------
    OSError
        When it cannot be written; names `path`, not the temporary.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o777)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        temporary.chmod(0o600 if private else 0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        if temporary is not None and error.filename not in {None, str(temporary)}:
            raise  # about another file
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def write_all(contents: Mapping[Path, bytes]) -> list[Path]:
    """Write several files or none, and give those that changed; identical files are left alone.

    All are written beside their places before the first is moved there, so that a full disk leaves the old ones.
    """
    changed = {path: content for path, content in contents.items() if not _holds(path, content)}
    with ExitStack() as moves:
        for path, content in changed.items():
            moves.enter_context(replacing(path)).write_bytes(content)
    return list(changed)


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content


def write_bytes(path: Path, content: bytes) -> bool:
    """Write `content` atomically; leave an identical file alone and return whether it was written."""
    return bool(write_all({path: content}))


def write_text(path: Path, content: str) -> bool:
    """Write `content` as UTF-8 with Unix line ends, atomically; return whether anything changed."""
    return write_bytes(path, content.encode("utf-8"))


def json_bytes(content: Any) -> bytes:
    """Return `content` as indented UTF-8 JSON, keys in the order given."""
    return f"{json_text(content, indent=2)}\n".encode()


def json_text(content: Any, *, indent: int, ordered: bool = False, margin: str = "\n") -> str:
    """Return JSON as the standard library writes it with an indent, which takes it longer; `ordered` by key."""
    inner = margin + " " * indent
    write = partial(json_text, indent=indent, ordered=ordered, margin=inner)
    if isinstance(content, dict) and content:
        names = sorted(content) if ordered else content
        keys = {name: name if isinstance(name, str) else json.dumps(name) for name in names}
        lines = [f"{encode_basestring(key)}: {write(content[name])}" for name, key in keys.items()]
        return f"{{{inner}{f',{inner}'.join(lines)}{margin}}}"
    if isinstance(content, (list, tuple)) and content:
        lines = [encode_basestring(part) if isinstance(part, str) else write(part) for part in content]
        return f"[{inner}{f',{inner}'.join(lines)}{margin}]"
    return encode_basestring(content) if isinstance(content, str) else json.dumps(content)


def write_json(path: Path, content: Any) -> bool:
    """Write `content` as `json_bytes`, atomically; return whether anything changed."""
    return write_bytes(path, json_bytes(content))


def read_yaml(path: Path) -> Any:
    """Read one YAML document.

    Raises
    ------
    InputError
        When the file is missing, is not UTF-8 or not YAML, says one key twice, contains itself, has a value that its
        tag cannot read, is nested deeper than `MAX_DEPTH` or holds more than `MAX_VALUES` once every alias is written
        out; with line and column.
    """
    return _load_yaml(path, _UniqueKeyLoader)


def read_yaml_as_text(path: Path) -> Any:
    """Read one YAML document of which every value and key is text, as it is written: ``Yes``, ``1.0``, ``-99``.

    Raises
    ------
    InputError
        As `read_yaml` does.
    """
    return _load_yaml(path, _TextLoader)


def _load_yaml(path: Path, reader: type[_UniqueKeyLoader]) -> Any:
    if not path.is_file():
        raise InputError(path.name, [Problem(str(path), "the file does not exist")])
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(path.name, [Problem(str(path), f"is not UTF-8 ({error})", "Save it as UTF-8")]) from error
    try:
        loader = reader(text)
        loader.repeats = _look_over(text)
        return loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{path}, line {mark.line + 1}, column {mark.column + 1}" if mark else str(path)
        raise InputError(path.name, [Problem(where, str(error.problem or error.context))]) from error
    except yaml.YAMLError as error:
        raise InputError(path.name, [Problem(str(path), f"is not YAML ({error})")]) from error
    except RecursionError:
        raise InputError(path.name, [Problem(str(path), "is nested too deeply")]) from None


def _look_over(text: str) -> bool:
    """Refuse what is nested so deeply that building it would end the process; return whether it may hold too much."""
    depth, repeats = 0, len(text) > MAX_VALUES
    for event in yaml.parse(text, Loader=YamlLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        repeats |= isinstance(event, yaml.AliasEvent)
        if depth > MAX_DEPTH:
            problem = f"is nested deeper than {MAX_DEPTH} levels"
            raise yaml.constructor.ConstructorError(problem=problem, problem_mark=event.start_mark)  # type: ignore[arg-type]
    return repeats


def _written_out(node: yaml.Node, sizes: dict[int, int]) -> int:
    """Return how many values a node holds once every alias in it is written out; none for one that holds itself."""
    if id(node) not in sizes:
        sizes[id(node)] = 0
        parts = node.value if isinstance(node, yaml.CollectionNode) else []
        flat = (part for entry in parts for part in (entry if isinstance(entry, tuple) else (entry,)))
        sizes[id(node)] = 1 + sum(_written_out(part, sizes) for part in flat)
    return sizes[id(node)]


_TEXT = "tag:yaml.org,2002:str"


class _UniqueKeyLoader(YamlLoader):
    """The safe loader, but a key that appears twice is an error instead of a silent loss, and so is every bad value."""

    repeats = True

    def construct_document(self, node: yaml.Node) -> Any:
        """Build all at once, so that a document that contains itself is refused instead of never ending."""
        if self.repeats and _written_out(node, {}) > MAX_VALUES:
            raise _error(node, f"holds more than {MAX_VALUES:,} values once every alias is written out")
        return self.construct_object(node, deep=True)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Build one value; a value that its tag cannot read, such as the 45th of a month, is an error of the file."""
        if node.tag == _TEXT and isinstance(node, yaml.ScalarNode):  # most of them
            return node.value
        try:
            return super().construct_object(node, deep)
        except (AttributeError, KeyError, TypeError, ValueError):
            kind = str(node.tag).rpartition(":")[2]
            raise _error(node, f"{str(node.value)[:40]!r} cannot be read as {kind}") from None

    def construct_mapping(self, node: yaml.Node, deep: bool = False) -> dict[Any, Any]:
        """Build one mapping; raise on a repeated key, or one that is not a single value."""
        seen = set()
        for key_node, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                raise _error(key_node, "a key must be a single value")
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise _error(key_node, f"the key {key!r} appears here for the second time")
            seen.add(key)
        return super().construct_mapping(node, deep)  # type: ignore[arg-type]


class _TextLoader(_UniqueKeyLoader):
    """The same, but no plain value is taken for a number, a date, a truth value or nothing."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}  # type: ignore[misc]


def _error(node: yaml.Node, problem: str) -> yaml.MarkedYAMLError:
    return yaml.constructor.ConstructorError(problem=problem, problem_mark=node.start_mark)


def write_yaml(path: Path, content: Any, *, head: str = "") -> bool:
    """Write plain data as YAML, keys in the order given, below the comment lines of `head`."""
    buffer = io.StringIO()
    buffer.writelines(f"# {line}\n" for line in head.splitlines())
    yaml.safe_dump(content, buffer, allow_unicode=True, sort_keys=False, width=110)
    return write_text(path, buffer.getvalue())


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal text."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


DIGESTS = "digests.json"
LARGE_FILE = 2**23
"""Bytes from which on the digest of a file is remembered: less is read as fast."""
_SETTLED = 2.0  # seconds after which a file that is written again has another time, on any file system


def file_digests(folder: Path, files: Sequence[Path]) -> dict[Path, str]:
    """Return the SHA-256 of files; of a large one that was not touched since, as it was noted in a folder before.

    Not touched is what has the same size, number on the disk, and times of its content and of its state: the last is
    set by the system alone.
    """
    path = folder / DIGESTS
    known, before = _read_digests(path), time.time() - _SETTLED
    found: dict[Path, str] = {}
    noted: dict[str, list[Any]] = {}
    for file in files:
        seen = file.stat()
        state = [seen.st_size, seen.st_ino, seen.st_mtime_ns, seen.st_ctime_ns]
        taken = known.get(str(file), [None, ""])
        found[file] = taken[1] if taken[0] == state else sha256(file)
        if seen.st_size >= LARGE_FILE and max(seen.st_mtime, seen.st_ctime) < before:
            noted[str(file)] = [state, found[file]]
    if not noted.items() <= known.items():
        with suppress(OSError):
            write_bytes(path, json.dumps({**known, **noted}).encode())
    return found


def _read_digests(path: Path) -> dict[str, list[Any]]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
