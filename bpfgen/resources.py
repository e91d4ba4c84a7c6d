"""The version, and where the grammar, the templates and the prelude are.

A wheel holds grammar/ and templates/ inside the package; in a checkout they lie beside it. Plain
paths are used, since importlib.resources costs more at start-up than reading the files.
"""

from __future__ import annotations

import os

VERSION = "0.1.0"
"""Of the package; pyproject.toml takes it from here."""

_PACKAGE = os.path.dirname(os.path.abspath(__file__))


def _directory(name: str) -> str:
    installed = os.path.join(_PACKAGE, name)
    return installed if os.path.isdir(installed) else os.path.join(os.path.dirname(_PACKAGE), name)


def _text(*parts: str) -> str:
    with open(os.path.join(*parts), encoding="utf-8", newline="") as file:
        return file.read()


def package_files() -> list[str]:
    """Return the path of each file of the package, with what changes when the file does.

    The grammar and the templates of a checkout lie beside it, and what is edited there counts.
    """
    files: list[str] = []
    directories = [_PACKAGE]
    for name in ("grammar", "templates"):
        directory = _directory(name)
        if not directory.startswith(_PACKAGE + os.sep) and os.path.isdir(directory):
            directories.append(directory)
    while directories:
        with os.scandir(directories.pop()) as entries:
            for entry in entries:
                if entry.is_dir():
                    if entry.name != "__pycache__":
                        directories.append(entry.path)
                    continue
                status = entry.stat()
                times = f"{status.st_mtime_ns} {status.st_ctime_ns}"
                files.append(f"{entry.path} {status.st_size} {times} {status.st_ino}")
    return sorted(files)


def grammar_text() -> str:
    """Return the text of bpfgen.lark."""
    return _text(_directory("grammar"), "bpfgen.lark")


def templates_directory() -> str:
    """Return the directory that holds one folder of templates for each output language."""
    return _directory("templates")


def template_text(name: str) -> str:
    """Return the text of the template *name*, as `c/header.h.j2`.

    Raises:
        FileNotFoundError: There is none.
    """
    return _text(_directory("templates"), name)


def cmake_directory() -> str:
    """Return the directory that holds bpfgen-config.cmake."""
    return os.path.join(_PACKAGE, "cmake")


def vmlinux_names() -> str:
    """Return the text of the list that :mod:`bpfgen.kernel.vmlinux` reads."""
    return _text(_PACKAGE, "kernel", "vmlinux_names.txt")


def prelude_names() -> list[str]:
    """Return the file names of the prelude, sorted."""
    folder = os.path.join(_PACKAGE, "providers", "prelude")
    return sorted(name for name in os.listdir(folder) if name.endswith(".dsl"))


def prelude_text(name: str) -> str:
    """Return the text of the prelude file *name*."""
    return _text(_PACKAGE, "providers", "prelude", name)


def prelude_path(name: str) -> str:
    """Return the path of the prelude file *name*."""
    return os.path.join(_PACKAGE, "providers", "prelude", name)
