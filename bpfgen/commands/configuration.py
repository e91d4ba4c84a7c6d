"""`[tool.bpfgen]` of pyproject.toml: what a project wants of every run, below the command line.

Beside the pipeline; only `commands` asks for it. The nearest pyproject.toml with that table counts,
upwards from the input. A run without one reads no TOML, and what is in it never raises: mistakes
are diagnostics at their line.
"""

from __future__ import annotations

import os
import re

from bpfgen.files.reading import decode_source
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.diagnostics import Diagnostic
from bpfgen.text.header_names import header_name_fault
from bpfgen.text.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeGuard

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
        include_directories: As behind `-I`, made relative to the file.
        kernel: As behind `--kernel`.
        warnings: The words behind `-W`.
        style: As behind `--style`.
        target: As behind `--target`.
        relax_compat: Whether `--relax-compat` is given.
        definitions: The values of `-D`, by name.
        clang: As behind `--clang`, as it stands there; relative to the directory of the file if
            there is a slash in it.
        clang_line: The line that says so, from 1.
        diagnostics: What is wrong with it; then nothing of it should be used.
    """

    path: str
    include_directories: tuple[str, ...] = ()
    kernel: KernelVersion | None = None
    warnings: tuple[str, ...] = ()
    style: str | None = None
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
                with open(self.named, "rb") as stream:
                    self._read[self.named] = _configuration(self.named, stream.read())
            found = self._read[self.named]
            if found is None:
                raise ValueError(f"`{self.named}` has no table [tool.bpfgen]")
            return found
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
            found = self._read[file]
            parent = os.path.dirname(place)
            if found is not None or parent == place:
                return found
            place = parent


def _configuration_at(file: str, name: str | None) -> Configuration | None:
    """Return what *file* says, called *name* (None: as seen from the working directory)."""
    try:
        with open(file, "rb") as stream:
            data = stream.read()
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
    configuration = Configuration(path)
    configuration.diagnostics = tuple(_read_into(configuration, table, lines))
    return configuration


def _read_into(
    configuration: Configuration, table: dict[str, Any], lines: _Lines
) -> Iterator[Diagnostic]:
    """Enter what *table* says into *configuration*; yield what is wrong with it."""
    for key, value in table.items():
        reader = _READERS.get(key)
        if reader is None:
            # Only a mistake pays for this import.
            from bpfgen.text.spelling import did_you_mean

            advice = did_you_mean(key, _READERS) or f"there are {', '.join(sorted(_READERS))}"
            yield _wrong(f"[tool.bpfgen] has no key `{key}`", lines.key(key), advice)
            continue
        wrong, advice = reader(configuration, value)
        if key == "clang":
            configuration.clang_line = lines.key(key).line
        if wrong:
            yield _wrong(f"`{key}` {wrong}", lines.key(key), advice)


def _directories(configuration: Configuration, value: object) -> tuple[str, str]:
    if not _are_texts(value):
        return "is a list of directories", 'include-directories = ["include"]'
    for directory in value:
        wrong = header_name_fault(directory)
        if wrong:
            return f"has `{directory}`, and no directory may have {wrong} in its name", ""
    configuration.include_directories = tuple(
        _beside(configuration.path, directory) for directory in value
    )
    return "", ""


def _kernel(configuration: Configuration, value: object) -> tuple[str, str]:
    from bpfgen.kernel.version import parse_version

    if not isinstance(value, str):
        return "is a version in quotes", 'kernel = "5.15"'
    configuration.kernel = parse_version(value)
    if configuration.kernel is None:
        return f"is `{value}`, which is no kernel version", 'kernel = "5.15"'
    return "", ""


def _warnings(configuration: Configuration, value: object) -> tuple[str, str]:
    from bpfgen.commands.terminal import wrong_warning

    if not _are_texts(value):
        return "is a list of words, as behind -W", 'warnings = ["error", "no-key-padding"]'
    for word in value:
        wrong = wrong_warning(word)
        if wrong is not None:
            return f"has `{word}`{wrong[0].partition(word)[2]}", wrong[1]
    configuration.warnings = tuple(value)
    return "", ""


def _style(configuration: Configuration, value: object) -> tuple[str, str]:
    from bpfgen.commands.options import STYLES

    configuration.style = str(value)
    return _one_of(value, STYLES)


def _target(configuration: Configuration, value: object) -> tuple[str, str]:
    from bpfgen.clang.finder import TARGETS

    configuration.target = str(value)
    return _one_of(value, TARGETS)


def _one_of(value: object, choices: tuple[str, ...]) -> tuple[str, str]:
    if value in choices:
        return "", ""
    from bpfgen.text.spelling import did_you_mean

    advice = did_you_mean(value, choices) if isinstance(value, str) else ""
    listed = ", ".join(f'"{choice}"' for choice in choices)
    return f"is one of {listed}", advice


def _relax_compat(configuration: Configuration, value: object) -> tuple[str, str]:
    if not isinstance(value, bool):
        return "is true or false", ""
    configuration.relax_compat = value
    return "", ""


def _definitions(configuration: Configuration, value: object) -> tuple[str, str]:
    example = "definitions = { MAX_FLOWS = 1024 }"
    if not isinstance(value, dict):
        return "is a table of names and values", example
    definitions: dict[str, str] = {}
    for name, meant in value.items():
        if not (name.isascii() and name.isidentifier()):
            return f"has `{name}`, which is no name", example
        if isinstance(meant, bool) or not isinstance(meant, (int, str)):
            return f"gives `{name}` a value that is no number or expression in quotes", example
        definitions[name] = str(meant)
        if not definitions[name].strip():
            return f"gives `{name}` no value", example
    configuration.definitions = definitions
    return "", ""


def _clang(configuration: Configuration, value: object) -> tuple[str, str]:
    if not _are_texts([value]):
        return "is the path of a compiler", 'clang = "clang-19"'
    configuration.clang = str(value)
    return "", ""


_READERS: dict[str, Callable[[Configuration, Any], tuple[str, str]]] = {
    "clang": _clang,
    "definitions": _definitions,
    "include-directories": _directories,
    "kernel": _kernel,
    "relax-compat": _relax_compat,
    "style": _style,
    "target": _target,
    "warnings": _warnings,
}
"""The keys, and what enters their values: each returns what is wrong and advice, both empty if not.
"""


def _are_texts(value: object) -> TypeGuard[list[str]]:
    """Whether *value* is a list of texts that can be names of files."""
    return isinstance(value, list) and all(
        isinstance(each, str) and each and "\0" not in each for each in value
    )


def _beside(path: str, name: str) -> str:
    """Return *name*, which stands in the file *path* and is relative to it, for use from here."""
    return os.path.normpath(os.path.join(os.path.dirname(path), name))


class _Lines:
    """Where the table and its keys stand: tomllib doesn't tell. A guess for odd spellings."""

    __slots__ = ("source",)

    def __init__(self, source: Source) -> None:
        self.source = source

    def table(self) -> Span:
        """Return the place of the table's head."""
        found = re.compile(r"""^[^#\n]*\bbpfgen\b[^\n]*""", re.MULTILINE).search(self.source.text)
        return _at(self.source) if found is None else Span(self.source, found.start(), found.end())

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
                found = wanted.search(text, head.start, end)
                if found is not None:
                    return Span(self.source, found.start(), found.end())
                break
        return head


def _syntax(source: Source, message: str) -> Diagnostic:
    """Return what is wrong with the TOML itself, at the place that tomllib's message ends with."""
    found = re.search(r" \(at line (\d+), column (\d+)\)$", message)
    span = _at(source, len(source.text))
    if found is not None:
        line, column = int(found[1]), int(found[2])
        message = message[: found.start()]
        starts = source.line_starts()
        if line <= len(starts):
            span = _at(source, min(starts[line - 1] + column - 1, len(source.text)))
    return _wrong(f"this is no TOML: {message[:1].lower()}{message[1:]}", span)


def _at(source: Source, offset: int = 0) -> Span:
    return Span(source, offset, offset)


def _wrong(message: str, span: Span, help: str = "") -> Diagnostic:
    return Diagnostic("configuration", message, span, help=help)
