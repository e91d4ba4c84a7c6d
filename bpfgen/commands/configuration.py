"""`[tool.bpfgen]` of pyproject.toml: what a project wants of every run, below the command line.

Beside the pipeline; only `commands` asks for it. The nearest pyproject.toml with that table counts,
upwards from the input. A run without one reads no TOML, and what is in it never raises: mistakes
are diagnostics at their line.
"""

from __future__ import annotations

import os
import re

from bpfgen.commands.forms import backend_options
from bpfgen.emit.backend import OPTIONAL
from bpfgen.files.reading import decode_source, read_bytes
from bpfgen.kernel.version import KERNEL, LOADER_NAMES
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import Diagnostic
from bpfgen.text.header_names import header_name_fault
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeGuard

    from bpfgen.emit.backend import BackendOption, Settings
    from bpfgen.kernel.version import KernelVersion
    from bpfgen.text.source import Source

FILE_NAME = "pyproject.toml"

_TABLE = (
    r"""(?m)^[ \t]*(?:\[[ \t]*["']?tool["']?[ \t]*(?:\]|\.[ \t]*["']?bpfgen)"""
    r"""|["']?tool["']?[ \t]*[.=])"""
)
"""What a file has somewhere that has the table, however it is spelt; TOML is read to be sure."""


class Configuration(Record):
    """What one `[tool.bpfgen]` says; None or empty where it is silent.

    Attributes:
        path: The file, relative to the working directory where the input is.
        include_directories: As after `-I`, made relative to the file.
        kernel: As after `--kernel`.
        loaders: As after `--libbpf`, by the name of the loader.
        cpus: As after `--cpus`.
        memory_limit: As after `--memory-limit`, in bytes.
        warnings: The words after `-W`.
        settings: What backends are asked for, by the names of their options, as `style`.
        target: As after `--target`.
        relax_compat: Whether `--relax-compat` is given.
        definitions: The values of `-D`, by name.
        clang: As after `--clang`, as it stands there; relative to the directory of the file if
            there is a slash in it.
        clang_line: The line that says so, from 1.
        diagnostics: What is wrong with it; then nothing of it should be used.
    """

    path: str
    include_directories: tuple[str, ...] = ()
    kernel: KernelVersion | None = None
    loaders: dict[str, KernelVersion | None] = {}  # noqa: RUF012 -- read only, as every record
    cpus: int | None = None
    memory_limit: int | None = None
    warnings: tuple[str, ...] = ()
    settings: Settings = {}  # noqa: RUF012 -- read only, as every record
    target: str | None = None
    relax_compat: bool | None = None
    definitions: dict[str, str] = {}  # noqa: RUF012 -- read only, as every record
    clang: str | None = None
    clang_line: int = 0
    diagnostics: tuple[Diagnostic, ...] = ()


class Configurations:
    """The configuration of each input, every file read once.

    Attributes:
        named: The file that `--config` names, or None.
        wanted: False for `--no-config`.
    """

    __slots__ = ("_by_directory", "_read", "named", "wanted")

    def __init__(self, named: str | None = None, *, wanted: bool = True) -> None:
        self.named = named
        self.wanted = wanted
        self._by_directory: dict[str, Configuration | None] = {}
        self._read: dict[str, Configuration | None] = {}

    def of(self, path: str) -> Configuration | None:
        """Return what holds for the input *path* (`-`: for the working directory), or None.

        Raises:
            OSError: The file that `--config` names can't be read.
            ValueError: It has no table `[tool.bpfgen]`.
        """
        if not self.wanted:
            return None
        if self.named is not None:
            if self.named not in self._read:
                self._read[self.named] = _configuration(self.named, read_bytes(self.named))
            configuration = self._read[self.named]
            if configuration is None:
                raise ValueError(f"`{self.named}` has no table [tool.bpfgen]")
            return configuration
        directory = os.path.dirname(path)
        if directory not in self._by_directory:
            self._by_directory[directory] = self._nearest(directory)
        return self._by_directory[directory]

    def _nearest(self, directory: str) -> Configuration | None:
        """Return the configuration of *directory* or of the nearest one above that has one."""
        absolute = os.path.abspath(directory)
        place = absolute
        while True:
            file = os.path.join(place, FILE_NAME)
            if file not in self._read:
                name = file if os.path.isabs(directory) else None
                self._read[file] = _configuration_at(file, name)
            nearest = self._read[file]
            parent = os.path.dirname(place)
            if nearest is not None or parent == place:
                return nearest
            place = parent


def _configuration_at(file: str, name: str | None) -> Configuration | None:
    """Return what *file* says, called *name* (None: as seen from the working directory)."""
    try:
        data = read_bytes(file)
    except OSError:  # it isn't there; or it isn't ours to read, and then not ours to obey
        return None
    if b"bpfgen" not in data:
        return None
    return _configuration(name or os.path.relpath(file), data)


def _configuration(path: str, data: bytes) -> Configuration | None:
    """Return what the bytes of *path* say, or None if there is no table `[tool.bpfgen]`."""
    source, wrong = decode_source(path, data)
    if not re.search(_TABLE, source.text):
        return None
    if wrong is not None:
        return Configuration(path, diagnostics=(wrong,))
    # Only a project with the table pays for this import.
    from tomllib import loads

    try:
        document = loads(source.text)
    except RecursionError:
        return Configuration(path, diagnostics=(_wrong("this is nested too deep", _at(source)),))
    except ValueError as error:  # TOMLDecodeError is one, and so is a number of many digits
        return Configuration(path, diagnostics=(_syntax(source, str(error)),))
    tools = document.get("tool")
    if not isinstance(tools, dict) or "bpfgen" not in tools:
        return None
    table = tools["bpfgen"]
    lines = _Lines(source)
    if not isinstance(table, dict):
        return Configuration(path, diagnostics=(_wrong("[tool.bpfgen] is a table", lines.table()),))
    return _read_table(path, table, lines)


class _WrongValueError(Exception):
    """A value that makes no sense: what is wrong with it, and advice, which may be empty."""

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice


def _read_table(path: str, table: dict[str, Any], lines: _Lines) -> Configuration:
    """Return what *table*, which stands in the file *path*, says, and what is wrong with it."""
    members: dict[str, Any] = {}
    settings: dict[str, tuple[str, ...]] = {}
    loaders: dict[str, KernelVersion | None] = {}
    wrong: list[Diagnostic] = []
    asked = {option.name: option for option in backend_options()}
    for key, value in table.items():
        reader = _READERS.get(key)
        if reader is None and key not in asked and key not in LOADER_NAMES:
            # Only a mistake pays for this import.
            from bpfgen.text.spelling import did_you_mean

            known = sorted({*_READERS, *asked, *LOADER_NAMES})
            advice = did_you_mean(key, known) or f"there are {', '.join(known)}"
            wrong.append(_wrong(f"[tool.bpfgen] has no key `{key}`", lines.key(key), advice))
            continue
        try:
            if key in LOADER_NAMES:
                loaders[key] = _version(key, value)
            elif reader is not None:
                members[key.replace("-", "_")] = reader(path, value)
            else:
                settings[key] = _setting(asked[key], value)
        except _WrongValueError as mistake:
            wrong.append(_wrong(f"`{key}` {mistake.what}", lines.key(key), mistake.advice))
        if key == "clang":
            members["clang_line"] = lines.key(key).line
    return Configuration(
        path, **members, settings=settings, loaders=loaders, diagnostics=tuple(wrong)
    )


def _directories(path: str, value: object) -> tuple[str, ...]:
    if not _are_texts(value):
        raise _WrongValueError("is a list of directories", 'include-directories = ["include"]')
    for directory in value:
        wrong = header_name_fault(directory)
        if wrong:
            raise _WrongValueError(
                f"has `{directory}`, and no directory may have {wrong} in its name"
            )
    return tuple(_beside(path, directory) for directory in value)


def _kernel(_path: str, value: object) -> KernelVersion:
    return _version(KERNEL, value)


def _version(name: str, value: object) -> KernelVersion:
    """Return *value* as a version of *name*, the kernel or a loader."""
    from bpfgen.kernel.targets import TARGETS
    from bpfgen.kernel.version import parse_version

    kind = TARGETS[name]
    example = f'{name} = "{kind.example}"'
    if not isinstance(value, str):
        raise _WrongValueError("is a version in quotes", example)
    version = parse_version(value)
    if version is None:
        raise _WrongValueError(f"is `{value}`, which is no version of {kind.title}", example)
    fault = kind.fault(version)
    if fault:
        raise _WrongValueError(f"is `{value}`: {fault}", example)
    return version


def _cpus(_path: str, value: object) -> int:
    from bpfgen.kernel.memory import parsed_cpus

    number = parsed_cpus(str(value)) if isinstance(value, int) else None
    if number is None:
        raise _WrongValueError("is a number of CPUs", "cpus = 8")
    return number


def _memory_limit(_path: str, value: object) -> int:
    from bpfgen.text.quantities import parsed_bytes

    size = parsed_bytes(value) if isinstance(value, str) else None
    if not size:
        raise _WrongValueError("is an amount of memory in quotes", 'memory-limit = "64MiB"')
    return size


def _warnings(_path: str, value: object) -> tuple[str, ...]:
    from bpfgen.commands.terminal import wrong_warning

    if not _are_texts(value):
        raise _WrongValueError(
            "is a list of words, as after -W", 'warnings = ["error", "no-key-padding"]'
        )
    for word in value:
        wrong = wrong_warning(word)
        if wrong is not None:
            raise _WrongValueError(f"has `{word}`{wrong[0].partition(word)[2]}", wrong[1])
    return tuple(value)


def _setting(option: BackendOption, value: object) -> tuple[str, ...]:
    """Return the values of a backend's option, which may have any that one of the backends takes.

    A list of `NAME=VALUE` is a table here, and an option that may do without a value is true.
    """
    from bpfgen.commands.settings import fault_of, options_named

    texts: object = value
    if option.kind == OPTIONAL and isinstance(value, bool):
        return ("",) if value else ()
    if option.is_repeatable and "=" in option.metavar:
        if not isinstance(value, dict):
            name, _, meant = option.metavar.partition("=")
            raise _WrongValueError("is a table", f'{option.name} = {{ "{name}" = "{meant}" }}')
        if not _are_texts(list(value.values())):
            raise _WrongValueError("has a value that is no text in quotes")
        texts = [f"{name}={meant}" for name, meant in value.items()]
    elif not option.is_repeatable:
        texts = [_one_of(value, option.choices) if option.choices else value]
    if not _are_texts(texts):
        kind = "is a list of texts" if option.is_repeatable else "is a text"
        raise _WrongValueError(kind, f"as after --{option.name}")
    fault = fault_of(options_named(option.name), texts)
    if fault is not None:
        raise _WrongValueError(f"is wrong: {fault[0]}", fault[1])
    return tuple(texts)


def _target(_path: str, value: object) -> str:
    from bpfgen.clang.finder import TARGETS

    return _one_of(value, TARGETS)


def _one_of(value: object, choices: tuple[str, ...]) -> str:
    if value in choices:
        return str(value)
    from bpfgen.text.spelling import did_you_mean

    advice = did_you_mean(value, choices) if isinstance(value, str) else ""
    listed = ", ".join(f'"{choice}"' for choice in choices)
    raise _WrongValueError(f"is one of {listed}", advice)


def _relax_compat(_path: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _WrongValueError("is true or false")
    return value


def _definitions(_path: str, value: object) -> dict[str, str]:
    example = "definitions = { MAX_FLOWS = 1024 }"
    if not isinstance(value, dict):
        raise _WrongValueError("is a table of names and values", example)
    definitions: dict[str, str] = {}
    for name, meant in value.items():
        if not (name.isascii() and name.isidentifier()):
            raise _WrongValueError(f"has `{name}`, which is no name", example)
        if isinstance(meant, bool) or not isinstance(meant, (int, str)):
            raise _WrongValueError(
                f"gives `{name}` a value that is no number or expression in quotes", example
            )
        definitions[name] = str(meant)
        if not definitions[name].strip():
            raise _WrongValueError(f"gives `{name}` no value", example)
    return definitions


def _clang(_path: str, value: object) -> str:
    if not _are_texts([value]):
        raise _WrongValueError("is the path of a compiler", 'clang = "clang-19"')
    return str(value)


_READERS: dict[str, Callable[[str, Any], object]] = {
    "clang": _clang,
    "cpus": _cpus,
    "definitions": _definitions,
    "include-directories": _directories,
    "kernel": _kernel,
    "memory-limit": _memory_limit,
    "relax-compat": _relax_compat,
    "target": _target,
    "warnings": _warnings,
}
"""The keys but for the backends', and what takes the path of the file and the value to the member
of that name. Each raises :class:`_WrongValueError` where the value makes no sense.
"""


def _are_texts(value: object) -> TypeGuard[list[str]]:
    """Whether *value* is a list of texts that can be names of files."""
    return isinstance(value, list) and all(
        isinstance(text, str) and text and "\0" not in text for text in value
    )


def _beside(path: str, name: str) -> str:
    """Return *name*, which stands in the file *path* and is relative to it, for use from here."""
    return os.path.normpath(os.path.join(os.path.dirname(path), name))


class _Lines:
    """Where the table and its keys stand: tomllib doesn't say. A guess for odd spellings."""

    __slots__ = ("source",)

    def __init__(self, source: Source) -> None:
        self.source = source

    def table(self) -> Span:
        """Return the place of the table's head."""
        head = re.compile(r"""^[^#\n]*\bbpfgen\b[^\n]*""", re.MULTILINE).search(self.source.text)
        return _at(self.source) if head is None else Span(self.source, head.start(), head.end())

    def key(self, key: str) -> Span:
        """Return the place of *key*; that of the table where it isn't found."""
        text = self.source.text
        head = self.table()
        name = re.escape(key)
        wanted = re.compile(rf"""(?<![\w-])(?:{name}|"{name}"|'{name}')(?=[ \t]*[.=\]])""")
        tables = re.compile(r"""^[ \t]*\[[^\n]*""", re.MULTILINE)
        for table in (*tables.finditer(text, head.start), None):
            if table is None or not re.search(r"\bbpfgen\b", table.group()):
                end = len(text) if table is None else table.start()
                match = wanted.search(text, head.start, end)
                if match is not None:
                    return Span(self.source, match.start(), match.end())
                break
        return head


def _syntax(source: Source, message: str) -> Diagnostic:
    """Return what is wrong with the TOML itself, at the place that tomllib's message ends with."""
    place = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    span = _at(source, len(source.text))
    if place is not None:
        line, column = int(place[1]), int(place[2])
        message = message[: place.start()]
        starts = source.line_starts()
        if line <= len(starts):
            span = _at(source, min(starts[line - 1] + column - 1, len(source.text)))
    return _wrong(f"this is no TOML: {message[:1].lower()}{message[1:]}", span)


def _at(source: Source, offset: int = 0) -> Span:
    return Span(source, offset, offset)


def _wrong(message: str, span: Span, help: str = "") -> Diagnostic:
    return Diagnostic("configuration", message, span, help=help)
