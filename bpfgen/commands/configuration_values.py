"""The keys and values of `[tool.bpfgen]`: from what TOML has to what a run is given.

Beside `configuration`, which says which file counts. Each function of a value raises
:class:`WrongValueError` where it makes no sense.
"""

from __future__ import annotations

import os

from bpfgen.commands.forms import backend_options
from bpfgen.commands.settings import fault_of, options_named
from bpfgen.commands.toml_places import wrong
from bpfgen.emit.backend import OPTIONAL
from bpfgen.kernel.version import KERNEL, LOADER_NAMES
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.text.header_names import header_name_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeGuard

    from bpfgen.clang.arguments import Flags
    from bpfgen.commands.toml_places import Places
    from bpfgen.emit.backend import BackendOption
    from bpfgen.kernel.version import KernelVersion
    from bpfgen.text.diagnostics import Diagnostic
    from bpfgen.text.source import Span


class WrongValueError(Exception):
    """A value that makes no sense: what is wrong with it, and advice, which may be empty."""

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice


class Values(Record):
    """What the table says, and what is wrong with it; the members are those of `Configuration`."""

    members: dict[str, Any]
    settings: dict[str, tuple[str, ...]]
    loaders: dict[str, KernelVersion | None]
    diagnostics: list[Diagnostic]


def read_table(path: str, table: dict[str, Any], places: Places) -> Values:
    """Return what *table*, which stands in the file *path*, says."""
    values = Values({}, {}, {}, [])
    asked = {option.name: option for option in backend_options()}
    for key, value in table.items():
        reader = READERS.get(key)
        if reader is None and key not in asked and key not in LOADER_NAMES:
            known = sorted({*READERS, *asked, *LOADER_NAMES, "breaking", "outputs"})
            values.diagnostics.append(unknown_key("[tool.bpfgen]", key, known, places.key(key)))
            continue
        try:
            if key in LOADER_NAMES:
                values.loaders[key] = version_of(key, value)
            elif reader is not None:
                values.members[key.replace("-", "_")] = reader(path, value)
            else:
                values.settings[key] = setting_of(asked[key], options_named(key), value)
        except WrongValueError as mistake:
            said = f"`{key}` {mistake.what}"
            values.diagnostics.append(wrong(said, places.key(key), mistake.advice))
        if key == "clang":
            values.members["clang_line"] = places.key(key).line
    return values


def unknown_key(table: str, key: str, known: Sequence[str], span: Span) -> Diagnostic:
    """Return the error that *table* has no *key*."""
    from bpfgen.text.spelling import did_you_mean

    advice = did_you_mean(key, known) or f"there are {', '.join(known)}"
    return wrong(f"{table} has no key `{key}`", span, advice)


def patterns_of(_path: str, value: object) -> tuple[str, ...]:
    """Return *value* as patterns of sources."""
    if not are_texts(value) or not value:
        raise WrongValueError("is a list of sources", 'inputs = ["maps/*.dsl"]')
    return tuple(value)


def types_of(value: object) -> tuple[str, ...]:
    """Return *value* as names of types, as after `--types`."""
    if not are_texts(value):
        raise WrongValueError("is a list of types", 'types = ["event"]')
    return tuple(value)


def _directories(path: str, value: object) -> tuple[str, ...]:
    if not are_texts(value):
        raise WrongValueError("is a list of directories", 'include-directories = ["include"]')
    for directory in value:
        wrong = header_name_fault(directory)
        if wrong:
            raise WrongValueError(
                f"has `{directory}`, and no directory may have {wrong} in its name"
            )
    return tuple(beside(path, directory) for directory in value)


def _kernel(_path: str, value: object) -> KernelVersion:
    return version_of(KERNEL, value)


def version_of(name: str, value: object) -> KernelVersion:
    """Return *value* as a version of *name*, the kernel or a loader."""
    from bpfgen.kernel.targets import TARGETS
    from bpfgen.kernel.version import parse_version

    kind = TARGETS[name]
    example = f'{name} = "{kind.example}"'
    if not isinstance(value, str):
        raise WrongValueError("is a version in quotes", example)
    version = parse_version(value)
    if version is None:
        raise WrongValueError(f"is `{value}`, which is no version of {kind.title}", example)
    fault = kind.fault(version)
    if fault:
        raise WrongValueError(f"is `{value}`: {fault}", example)
    return version


def _cpus(_path: str, value: object) -> int:
    from bpfgen.kernel.memory import parsed_cpus

    number = parsed_cpus(str(value)) if isinstance(value, int) else None
    if number is None:
        raise WrongValueError("is a number of CPUs", "cpus = 8")
    return number


def _memory_limit(_path: str, value: object) -> int:
    from bpfgen.text.quantities import parsed_bytes

    size = parsed_bytes(value) if isinstance(value, str) else None
    if not size:
        raise WrongValueError("is an amount of memory in quotes", 'memory-limit = "64MiB"')
    return size


def _warnings(_path: str, value: object) -> tuple[str, ...]:
    from bpfgen.commands.terminal import wrong_warning

    if not are_texts(value):
        raise WrongValueError(
            "is a list of words, as after -W", 'warnings = ["error", "no-key-padding"]'
        )
    for word in value:
        wrong = wrong_warning(word)
        if wrong is not None:
            raise WrongValueError(f"has `{word}`{wrong[0].partition(word)[2]}", wrong[1])
    return tuple(value)


def setting_of(
    option: BackendOption, takers: Sequence[BackendOption], value: object
) -> tuple[str, ...]:
    """Return the values of *option*, which may be any that one of *takers* takes.

    A list of `NAME=VALUE` is a table here, and an option that may do without a value is true.
    """
    texts: object = value
    if option.kind == OPTIONAL and isinstance(value, bool):
        return ("",) if value else ()
    if option.is_repeatable and "=" in option.metavar:
        if not isinstance(value, dict):
            name, _, meant = option.metavar.partition("=")
            raise WrongValueError("is a table", f'{option.name} = {{ "{name}" = "{meant}" }}')
        if not are_texts(list(value.values())):
            raise WrongValueError("has a value that is no text in quotes")
        texts = [f"{name}={meant}" for name, meant in value.items()]
    elif not option.is_repeatable:
        texts = [_one_of(value, option.choices) if option.choices else value]
    if not are_texts(texts):
        kind = "is a list of texts" if option.is_repeatable else "is a text"
        raise WrongValueError(kind, f"as after --{option.name}")
    fault = fault_of(takers, texts)
    if fault is not None:
        raise WrongValueError(f"is wrong: {fault[0]}", fault[1])
    return tuple(texts)


def _target(_path: str, value: object) -> str:
    from bpfgen.clang import TARGETS

    return _one_of(value, TARGETS)


def _assembler(_path: str, value: object) -> str:
    from bpfgen.clang import ASSEMBLERS

    return _one_of(value, ASSEMBLERS)


def _one_of(value: object, choices: tuple[str, ...]) -> str:
    if value in choices:
        return str(value)
    from bpfgen.text.spelling import did_you_mean

    advice = did_you_mean(value, choices) if isinstance(value, str) else ""
    listed = ", ".join(f'"{choice}"' for choice in choices)
    raise WrongValueError(f"is one of {listed}", advice)


def _flag(_path: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise WrongValueError("is true or false")
    return value


def _definitions(_path: str, value: object) -> dict[str, str]:
    example = "definitions = { MAX_FLOWS = 1024 }"
    if not isinstance(value, dict):
        raise WrongValueError("is a table of names and values", example)
    definitions: dict[str, str] = {}
    for name, meant in value.items():
        if not (name.isascii() and name.isidentifier()):
            raise WrongValueError(f"has `{name}`, which is no name", example)
        if isinstance(meant, bool) or not isinstance(meant, (int, str)):
            raise WrongValueError(
                f"gives `{name}` a value that is no number or expression in quotes", example
            )
        definitions[name] = str(meant)
        if not definitions[name].strip():
            raise WrongValueError(f"gives `{name}` no value", example)
    return definitions


def _clang(_path: str, value: object) -> str:
    if not are_texts([value]):
        raise WrongValueError("is the path of a compiler", 'clang = "clang-19"')
    return str(value)


def _btf(path: str, value: object) -> tuple[str, ...]:
    paths = [value] if isinstance(value, str) else value
    if not are_texts(paths) or not paths:
        raise WrongValueError(
            "is a file that has BTF, or a list of a kernel's and a module's",
            'btf = "/sys/kernel/btf/vmlinux"',
        )
    return tuple(beside(path, name) for name in paths)


def _clang_args(path: str, value: object) -> Flags:
    if not are_texts(value):
        raise WrongValueError("is a list of flags", 'clang-args = ["-fms-extensions"]')
    # Few projects have such flags, and only they pay for the table.
    from bpfgen.clang.arguments import RefusedFlag, read_flags

    try:
        return read_flags(value, os.path.dirname(path))
    except RefusedFlag as refused:
        raise WrongValueError(f"is wrong: {refused.what}", refused.advice) from refused


READERS: dict[str, Callable[[str, Any], object]] = {
    "assembler": _assembler,
    "btf": _btf,
    "cache": _flag,
    "clang": _clang,
    "clang-args": _clang_args,
    "cpus": _cpus,
    "definitions": _definitions,
    "include-directories": _directories,
    "inputs": patterns_of,
    "kernel": _kernel,
    "memory-limit": _memory_limit,
    "relax-compat": _flag,
    "target": _target,
    "warnings": _warnings,
}
"""The keys but for the backends', and what takes the path of the file and the value to the member
of that name. Each raises :class:`WrongValueError` where the value makes no sense.
"""


def are_texts(value: object) -> TypeGuard[list[str]]:
    """Whether *value* is a list of texts that can be names of files."""
    return isinstance(value, list) and all(
        isinstance(text, str) and text and "\0" not in text for text in value
    )


def beside(path: str, name: str) -> str:
    """Return *name*, which stands in the file *path* and is relative to it, for use from here."""
    return os.path.normpath(os.path.join(os.path.dirname(path), name))
