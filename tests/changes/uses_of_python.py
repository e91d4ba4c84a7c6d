"""Programs in Python that use every name of a generated module, with the types that it has there.

The names are those of the module's syntax tree; mypy says what is wrong with a program.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from typing import TYPE_CHECKING

from tests.changes.uses import write_outputs
from tests.user_space.commands import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.changes.uses import Pair

_ERROR = re.compile(r"^(pair\d+)/uses_(\w+)\.py:\d+: error: (.*)", re.MULTILINE)
_HEAD = """\
import ctypes
import typing
import bpfgen.live
from {package}.{side} import *
import {package}.{side} as declared
"""


def uses_of(text: str) -> list[str]:
    """Return functions that use what the module *text* declares."""
    lines: list[str] = []
    for node in ast.parse(text).body:
        match node:
            case ast.ClassDef(name=name) if not name.startswith("_"):
                lines += _class(node, f"declared.{name}")
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                if "Final" in ast.unparse(annotation):
                    lines.append(f"_: int = declared.{name}")
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if not name.startswith("_"):
                lines.append(_is_type(f"declared.{name}", value))
    return [
        re.sub(r"^(def )?_(?=[(:])", rf"\g<1>use_number_{number}", line)
        for number, line in enumerate(lines)
    ]


def _is_type(path: str, value: ast.expr) -> str:
    """Return a line that takes what *path* names for the type *value*, arrays for any length."""
    element, is_array = value, False
    while isinstance(element, ast.BinOp):
        element, is_array = element.left, True
    spelled = re.sub(r"\.__ctype_[bl]e__$", "", ast.unparse(element))
    return f"_: typing.Any = {path}" if is_array else f"_: type[{spelled}] = {path}"


def _class(node: ast.ClassDef, path: str) -> Iterator[str]:
    bases = {ast.unparse(base) for base in node.bases}
    setters = {
        one.name
        for one in node.body
        if isinstance(one, ast.FunctionDef)
        for decorator in one.decorator_list
        if isinstance(decorator, ast.Attribute) and decorator.attr == "setter"
    }
    yield f"def _(v: {path}) -> None: ..."
    for one in node.body:
        match one:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=None):
                yield from _member(path, name, ast.unparse(annotation), is_set=True)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value) if (
                not bases and name in {"key", "value", "record"}
            ):
                yield _is_type(f"{path}.{name}", value)
            case ast.AnnAssign(target=ast.Name(id=name)) if not name.startswith("_"):
                yield f"{path}.{name}"
            case ast.Assign(targets=[ast.Name(id=name)]) if bases == {"enum.IntEnum"}:
                yield f"_: {path} = {path}.{name}"
            case ast.FunctionDef(name="open", returns=ast.expr() as returns) if not bases:
                yield f"def _(s: bpfgen.live.Map) -> {ast.unparse(returns)}: return {path}.open(s)"
            case ast.FunctionDef(name=name, returns=ast.expr() as returns) if _is_property(one):
                yield from _member(path, name, ast.unparse(returns), is_set=name in setters)
            case ast.ClassDef(name=name) if not name.startswith("_"):
                yield from _class(one, f"{path}.{name}")


def _is_property(function: ast.FunctionDef) -> bool:
    return any(ast.unparse(one).endswith("property") for one in function.decorator_list)


def _member(path: str, name: str, of: str, *, is_set: bool) -> Iterator[str]:
    of = re.sub(r"\b_(?=[a-z])", "", of) if "ctypes" not in of else of
    yield f"def _(v: {path}) -> {of}: return v.{name}"
    if is_set:
        yield f"def _(v: {path}, x: {of}) -> None: v.{name} = x"


def errors_in_python(folder: Path, given: Sequence[Pair]) -> dict[str, list[str]]:
    """Return by label of each pair what mypy has against the old program."""
    written = write_outputs(folder, given, "python", ".py")
    for at in written:
        (at / "__init__.py").touch()
        uses = uses_of((at / "old.py").read_text(encoding="utf-8"))
        for side in ("old", "new"):
            head = _HEAD.format(package=at.name, side=side)
            (at / f"uses_{side}.py").write_text("\n".join((head, *uses, "")), encoding="utf-8")
    missing = _missing(folder, [at.name for at in written])
    settings = folder / "mypy.ini"
    settings.write_text("[mypy]\ncheck_untyped_defs = True\n", encoding="utf-8")
    words = [sys.executable, "-m", "mypy", "--config-file", str(settings), "--no-error-summary"]
    words += ["--cache-dir", str(folder / "cache"), *[at.name for at in written]]
    said = run(words, folder=folder, check=False).stdout
    errors: dict[tuple[str, str], list[str]] = {}
    for name, side, error in _ERROR.findall(said):
        errors.setdefault((name, side), []).append(error)
    sound = {key: own for key, own in errors.items() if key[1] == "old"}
    assert not sound, sound
    return {
        pair.label: errors.get((at.name, "new"), []) + missing[at.name]
        for at, pair in written.items()
    }


_NAMES = """\
import importlib, json, re, sys
sys.path.insert(0, "")
for name in sys.argv[1:]:
    declared = importlib.import_module(f"{name}.new")
    text = open(f"{name}/uses_new.py").read()
    missing = []
    for owner, path in re.findall(r"^def \\w+\\(v: ([\\w.]+)[^\\n]*?\\bv\\.(\\w+)", text, re.M):
        try:
            eval(f"{owner}.{path}")
        except AttributeError as error:
            missing.append(str(error))
    print(json.dumps(missing))
"""
"""To type checkers a structure of ctypes has every name; a running program knows better."""


def _missing(folder: Path, names: list[str]) -> dict[str, list[str]]:
    said = run([sys.executable, "-c", _NAMES, *names], folder=folder).stdout
    return dict(zip(names, map(json.loads, said.splitlines()), strict=True))
