"""Programs in C that use every name of a generated header, with the types that it has there.

The names are those of clang's syntax tree. Each header is compiled by itself, as a BPF program has
it and as user space has it; of libbpf there are prototypes alone.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tests.changes.uses import write_outputs
from tests.tools import clang_program
from tests.user_space.commands import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.changes.uses import Pair

LIBBPF = """\
typedef unsigned long size_t;
struct bpf_map;
struct user_ring_buffer;
int bpf_map__fd(const struct bpf_map *map);
int bpf_map_lookup_elem(int fd, const void *key, void *value);
int bpf_map_lookup_and_delete_elem(int fd, const void *key, void *value);
int bpf_map_update_elem(int fd, const void *key, const void *value, unsigned long flags);
int bpf_map_delete_elem(int fd, const void *key);
int bpf_map_get_next_key(int fd, const void *key, void *next_key);
void *user_ring_buffer__reserve(struct user_ring_buffer *rb, unsigned int size);
void user_ring_buffer__submit(struct user_ring_buffer *rb, void *sample);
#define NULL ((void *)0)
"""
"""What accessors call."""

SIDES = {
    "program": ("-target", "bpf"),
    "user space": ("-target", "x86_64-linux-gnu"),
}

_FLAGS = ("-std=gnu11", "-nostdinc", "-fsyntax-only", "-Wno-everything", "-ferror-limit=0")
_ERRORS = ("incompatible-pointer-types", "int-conversion", "pointer-sign", "implicit-int")
_NUMBERS = re.compile(
    r"(?:(?:unsigned|signed) )?(?:char|short|int|long|__int128)|unsigned|float|double|long double"
    r"|_Bool|bool|enum \w+"
)
_MACRO = re.compile(r"^#define (\w+)(\(?)", re.MULTILINE)
_LENGTHS = re.compile(r"\s*((?:\[\d*\])+)$")


def uses_of(tree: dict[str, Any], text: str, templates: set[str]) -> list[str]:
    """Return C that uses what the header *text*, of which *tree* is clang's, declares."""
    lines = list(_macros(text))
    typedefs = {
        node["name"]: node["type"].get("desugaredQualType", node["type"]["qualType"])
        for node in tree["inner"]
        if node["kind"] == "TypedefDecl"
    }
    bodies: list[dict[str, Any]] = []
    for node in tree["inner"]:
        name = node.get("name", "")
        if "includedFrom" in node.get("loc", {}) or node.get("isImplicit") or "loc" not in node:
            continue
        match node["kind"]:
            case "RecordDecl" if name and node.get("completeDefinition"):
                own = f"{node['tagUsed']} {name}"
                lines.append(f"(void)sizeof({own});")
                bodies.append(node)
                if name not in templates and not name.startswith("bpf_"):
                    lines += [
                        f"{{ {own} *v = 0; {use} }}" for use in _fields(node, "v->", typedefs)
                    ]
            case "RecordDecl":
                bodies.append(node)
            case "EnumDecl":
                bodies.append(node)
                if name:
                    lines.append(f"(void)sizeof(enum {name});")
                for one in node.get("inner", ()):
                    if one["kind"] == "EnumConstantDecl":
                        lines.append(f"(void)({one['name']});")
            case "TypedefDecl" if not name.startswith(("__", "bpfgen_")):
                of = _expanded(node["type"]["qualType"], typedefs)
                if "unnamed" not in of and not of.startswith(("struct bpfgen", "union bpfgen")):
                    lines.append(f"{{ __typeof__({of}) *p = ({name} *)0; (void)p; }}")
                elif bodies and bodies[-1]["kind"] == "RecordDecl" and "*" not in of:
                    uses = _fields(bodies[-1], f"(*v){_index(of)}.", typedefs)
                    lines += [f"{{ {name} *v = 0; {use} }}" for use in uses]
                lines.append(f"(void)sizeof({name});")
            case "FunctionDecl" if not name.startswith("bpfgen_"):
                lines.append(f"{{ __typeof__({node['type']['qualType']}) *p = {name}; (void)p; }}")
            case "VarDecl" if not name.startswith("bpfgen_"):
                lines.append(f"(void)&{name};")
    return lines


def _macros(text: str) -> Iterator[str]:
    undefined = set(re.findall(r"^#undef (\w+)", text, re.MULTILINE))
    for name, parenthesis in _MACRO.findall(text):
        if name in undefined or name.startswith(("BPF", "__", "bpfgen")) or name == "SEC":
            continue
        if parenthesis:
            yield f"\n#ifndef {name}\n#error {name}\n#endif\n"
        else:
            yield f"(void)({name});"


def _index(of: str) -> str:
    lengths = _LENGTHS.search(of)
    return "" if lengths is None else "[0]" * lengths[1].count("[")


def _fields(record: dict[str, Any], prefix: str, typedefs: dict[str, str]) -> Iterator[str]:
    """Yield statements that read and write the fields of *record*, nameless ones' too."""
    body: dict[str, Any] = {}
    for node in record.get("inner", ()):
        if node["kind"] in {"RecordDecl", "EnumDecl"}:
            body = node
        if node["kind"] != "FieldDecl":
            continue
        name, of = node.get("name", ""), node["type"]
        spelled = _expanded(of.get("desugaredQualType", of["qualType"]), typedefs)
        if "unnamed" in spelled or "anonymous" in spelled:
            if body.get("kind") == "RecordDecl" and "*" not in spelled:
                inner = f"{prefix}{name}{_index(spelled)}." if name else prefix
                yield from _fields(body, inner, typedefs)
            if name:
                yield f"(void){prefix}{name};"
            continue
        if name:
            yield _read_and_written(f"{prefix}{name}", spelled)


def _expanded(of: str, typedefs: dict[str, str]) -> str:
    """Return *of* without the typedefs that it is, or is an array of."""
    lengths = ""
    while True:
        own = _LENGTHS.search(of)
        lengths += own[1] if own is not None else ""
        of = _LENGTHS.sub("", of)
        bare = of.removeprefix("const ")
        if bare not in typedefs or typedefs[bare] == bare:
            return f"{of}{lengths}"
        of = of.replace(bare, typedefs[bare])


def _read_and_written(place: str, of: str) -> str:
    lengths = _index(of)
    of, place = _LENGTHS.sub("", of), f"{place}{lengths}"
    is_constant = of.startswith("const ") and not of.endswith("*")
    bare = of.removeprefix("const ").removeprefix("volatile ")
    if _NUMBERS.fullmatch(bare):
        return f"double d = {place}; " + ("" if is_constant else f"{place} = 0;")
    write = "" if is_constant or of.endswith("const") else f"{place} = x;"
    return f"__typeof__({bare if is_constant else of}) x = {place}; {write}"


def errors_in_c(folder: Path, given: Sequence[Pair]) -> dict[str, list[str]]:
    """Return by label of each pair what clang has against the old program, on either side."""
    (folder / "bpf").mkdir()
    for name in ("bpf.h", "libbpf.h"):
        (folder / "bpf" / name).write_text(f"#pragma once\n{LIBBPF if name == 'bpf.h' else ''}")
    found: dict[str, list[str]] = {}
    for at, pair in write_outputs(folder, given, "header", ".h").items():
        texts = {}
        for side in ("old", "new"):
            header = at / f"{side}.h"
            # Which of the two a 64-bit integer is doesn't count.
            texts[side] = header.read_text(encoding="utf-8").replace("long long", "long")
            header.write_text(texts[side], encoding="utf-8")
        own = found.setdefault(pair.label, [])
        for side, target in SIDES.items():
            compiler = [clang_program(), *target, *_FLAGS, f"-I{folder}"]
            compiler += [f"-Werror={error}" for error in _ERRORS]
            words = [*compiler, "-Xclang", "-ast-dump=json", "-xc", str(at / "old.h")]
            tree = json.loads(run(words).stdout)
            text = texts["old"]
            if side == "program":
                text = re.sub(r"#ifndef BPFGEN_BPF\n.*?(?:#else|#endif)", "", text, flags=re.DOTALL)
            lines = uses_of(
                tree, _of_side(compiler, at / "old.h", text), set(pair.models[0].templates)
            )
            for which in ("old", "new"):
                program = at / f"{which}.c"
                body = "\n".join(("void use(void)", "{", *lines, "}", ""))
                program.write_text(f'#include "{which}.h"\n{body}', encoding="utf-8")
                said = run([*compiler, str(program)], check=False).stderr
                errors = re.findall(r"error: (.*)", said)
                if which == "new":
                    own += [f"{side}: {error}" for error in errors]
                else:
                    assert not errors, (pair.label, side, errors, at)
    return found


def _of_side(compiler: list[str], header: Path, text: str) -> str:
    """Return *text* with those definitions of macros alone that are there on one side."""
    words = [*compiler[:1], *(w for w in compiler[1:] if w != "-fsyntax-only")]
    defined = run([*words, "-E", "-dM", "-xc", str(header)]).stdout
    names = {name for name, _ in _MACRO.findall(defined)}
    return "\n".join(
        line for line in text.splitlines() if not (found := _MACRO.match(line)) or found[1] in names
    )
