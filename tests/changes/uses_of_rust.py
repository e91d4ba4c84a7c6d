"""Programs in Rust that use every name of a generated module, with the types that it has there.

The names are read from the module's text, which rustfmt has no change for: an item a line, or its
parameters on lines of their own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.changes.uses import write_outputs
from tests.user_space.rust import cargo, cargo_project

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.changes.uses import Pair

_BROKEN = re.compile(r",?\n +(?=[^\n]*)")
_CONSTANT = re.compile(r"^( *)pub const (\w+): (.+) =", re.MULTILINE)
_ALIAS = re.compile(r"^pub type (\w+)(?:<D = aya::maps::MapData>)?\s*=((?:.|\n)+?);$", re.MULTILINE)
_STRUCT = re.compile(r"^pub struct (\w+)(;| \{\}| \{\n(?:.*\n)*?\}|\(pub (\w+)\);)", re.MULTILINE)
_FIELD = re.compile(r"^    pub (\w+): (.+),$", re.MULTILINE)
_IMPL = re.compile(r"^impl (\w+) \{\n((?:.*\n)*?)\}", re.MULTILINE)
_TYPES = re.compile(r"^impl (\w+) for (\w+) \{\n((?:    type .*\n)+)\}", re.MULTILINE)
_METHOD = re.compile(
    r"^    pub fn (\w+)\(((?:[^()]|\([^()]*\))*)\)(?: -> ([^{]+?))? \{", re.MULTILINE
)
_STORAGE = re.compile(r"(?:_pad|bits|bytes)\d*_*")


def uses_of(text: str, members: set[str]) -> list[str]:
    """Return functions and constants that use what the module *text* declares.

    *members* are the names of members in C: fields of other names hold bytes or padding.
    """
    return [f"    {line}" for line in _uses(text, members)]


def _uses(text: str, members: set[str]) -> Iterator[str]:
    number = 0
    for indent, name, of in _CONSTANT.findall(text):
        if not indent:
            yield f"const _: {of} = {name};"
    for name, right in _ALIAS.findall(text):
        number += 1
        target = re.sub(r"(?<=<)\s*D\b", "aya::maps::MapData", " ".join(right.split()))
        yield f"fn f{number}(a: {name}) -> {target} {{ a }}"
    for name, body, inside in _STRUCT.findall(text):
        fields = [("0", inside)] if inside else _FIELD.findall(body)
        for field, of in fields:
            is_union = len(fields) == 1 and field == "bytes"
            if is_union or (_STORAGE.fullmatch(field) and field.rstrip("_") not in members):
                continue
            number += 1
            yield f"fn f{number}(v: &mut {name}) {{ let x: {of} = v.{field}; v.{field} = x; }}"
        number += 1
        yield f"fn f{number}(v: {name}) -> {name} {{ v }}"
    for trait, name, types in _TYPES.findall(text):
        for which, of in re.findall(r"type (\w+) = (.+);", types):
            number += 1
            yield f"fn f{number}(v: <{name} as {trait}>::{which}) -> {of} {{ v }}"
    for name, body in _IMPL.findall(text):
        for _, constant, of in _CONSTANT.findall(body):
            yield f"const _: {of.replace('Self', name)} = {name}::{constant};"
        for method, parameters, result in _METHOD.findall(body):
            number += 1
            yield _call(number, name, method, parameters, result.strip() or "()")


def _call(number: int, name: str, method: str, parameters: str, result: str) -> str:
    words = " ".join(parameters.split()).rstrip(",")
    given = [one.strip() for one in re.split(r",(?![^<(\[]*[>)\]])", words) if one.strip()]
    arguments = []
    declared = []
    for at, one in enumerate(given):
        if one in {"&self", "&mut self"}:
            declared.append(f"a{at}: {one.replace('self', name)}")
        else:
            declared.append(f"a{at}: {one.partition(': ')[2]}")
        arguments.append(f"a{at}")
    result = " ".join(result.split())
    return (
        f"fn f{number}({', '.join(declared)}) -> {result}"
        f" {{ {name}::{method}({', '.join(arguments)}) }}"
    )


def errors_in_rust(folder: Path, given: Sequence[Pair]) -> dict[str, list[str]]:
    """Return by label of each pair what rustc has against the old program."""
    written = {
        at: pair
        for library in ("libbpf-rs", "aya")
        for at, pair in write_outputs(folder, given, "rust", ".rs", library).items()
    }
    files = {}
    modules = []
    for at, pair in written.items():
        members = set(re.findall(r"\w+", pair.texts[0]))
        for side in ("old", "new"):
            files[f"src/{at.name}/{side}.rs"] = (at / f"{side}.rs").read_text(encoding="utf-8")
        uses = uses_of(files[f"src/{at.name}/old.rs"], members)
        files[f"src/{at.name}/uses.rs"] = "\n".join(("use super::declared::*;", *uses, ""))
        modules.append(at.name)
    project = cargo_project(
        folder / "rust",
        files,
        crates=("libbpf-rs", "aya"),
        more='[features]\ndefault = ["user"]\nuser = []\n',
    )
    sound = _errors(project, modules, "old")
    assert not sound, sound
    found = _errors(project, modules, "new")
    errors: dict[str, list[str]] = {}
    for at, pair in written.items():
        errors.setdefault(pair.label, []).extend(found.get(at.name, ()))
    return errors


def _errors(project: Path, modules: list[str], side: str) -> dict[str, list[str]]:
    """Return what rustc says of the programs of *modules* with their *side*.

    What it says of names keeps it from saying anything of types, so that it is asked again without
    the programs that it has said something of.
    """
    found: dict[str, list[str]] = {}
    while True:
        lines = ["#![allow(warnings)]"]
        for name in modules:
            if name not in found:
                lines += [
                    f"mod {name} {{",
                    f'    #[path = "{side}.rs"] pub mod declared;',
                    "    pub mod uses;",
                    "}",
                ]
        (project / "src" / "lib.rs").write_text("\n".join((*lines, "")), encoding="utf-8")
        ran = cargo(project, "check", "--message-format=short", check=False)
        errors = re.findall(r"^src/(pair\d+\w)/\w+\.rs:.*?: error(.*)", ran.stderr, re.MULTILINE)
        if not errors:
            assert ran.returncode == 0, ran.stderr
            return found
        for name, error in errors:
            found.setdefault(name, []).append(error)
