"""The prelude and MAP_KINDS against the kernel's own headers and BTF.

The prelude is C but for `const`, so clang reads it here, not bpfgen: whatever is claimed below is
clang's and bpftool's view of both sides.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from bpfgen.model.maps import MAP_KINDS
from tests.conformance import libbpf
from tests.conformance.kernel_sources import HEADERS as HEADERS_OF
from tests.conformance.kernel_sources import SOURCES, SOURCES_VERSION, bpf_header
from tests.tools import CHECKOUT, clang_program, require, require_file

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PRELUDE = CHECKOUT / "bpfgen" / "providers" / "prelude"
MULTIARCH = f"/usr/include/{os.uname().machine}-linux-gnu"
FIRST_LINE = re.compile(r"/// Linux (\d+)\.(\d+), (\S+)$")
HEADERS = ("linux/bpf.h", "linux/if.h", "linux/if_ether.h", "linux/limits.h", "linux/perf_event.h")
TYPES_HEADER = "linux/types.h"


class Chunk(NamedTuple):
    """One declaration of the prelude: its name, where it says it comes from, its text as C."""

    kind: str
    name: str
    since: tuple[int, int]
    origin: str
    text: str


def _chunks() -> list[Chunk]:
    """Split the prelude as its convention says: at blank lines, documentation first."""
    chunks = []
    for path in sorted(PRELUDE.glob("*.dsl")):
        for paragraph in path.read_text().strip().split("\n\n"):
            first = FIRST_LINE.match(paragraph.splitlines()[0])
            assert first, f"{path.name}: a declaration without its origin: {paragraph!r}"
            text = "\n".join(x for x in paragraph.splitlines() if not x.startswith("///"))
            found = re.match(
                r"(?P<kind>typedef|struct|enum|const)\b"
                r"(?: (?!struct )(?P<tag>\w+) [{=]| \{ (?P<flag>\w+) =)?",
                text,
            )
            assert found, text
            kind = found["kind"]
            name = found["tag"] or found["flag"] or text.removesuffix(";").split()[-1]
            since = int(first[1]), int(first[2])
            chunks.append(Chunk(kind, name, since, first[3], text))
    return chunks


CHUNKS = _chunks()
TYPES = [chunk for chunk in CHUNKS if chunk.kind in {"typedef", "struct"}]
CONSTANTS = [chunk for chunk in CHUNKS if chunk.kind in {"enum", "const"}]
LIBC_SPELLING = {"int64_t", "uint64_t"}
"""vmlinux.h makes them `long long`: integers.dsl says why the prelude doesn't."""


class Btf:
    """What bpftool prints of some BTF, with types described in a way that compares."""

    def __init__(self, data: Any) -> None:
        self._by_id = {type["id"]: type for type in data["types"]}
        self._by_name = {(type["kind"], type["name"]): type for type in data["types"]}

    def enumerators(self, holding: str) -> dict[str, int]:
        """Return the enumerators of the enum of which *holding* is one; empty if there is none."""
        for type in self._by_id.values():
            if type["kind"] in {"ENUM", "ENUM64"}:
                values = {value["name"]: int(value["val"]) for value in type["values"]}
                if holding in values:
                    return values
        return {}

    def find(self, kind: str, name: str) -> Any:
        """Return how *name* is described, or None if this BTF hasn't got it."""
        type = self._by_name.get((kind.upper(), name))
        return None if type is None else self._describe(type)

    def _describe(self, type: Any) -> Any:
        kind = type["kind"]
        if kind in {"TYPEDEF", "CONST", "VOLATILE"}:
            return self._describe(self._by_id[type["type_id"]])
        if kind == "INT":
            return ("INT", type["size"], type["encoding"])
        if kind == "ARRAY":
            return ("ARRAY", type["nr_elems"], self._describe(self._by_id[type["type_id"]]))
        if kind in {"STRUCT", "UNION"}:
            members = [
                (
                    member["name"],
                    member["bits_offset"],
                    member.get("bitfield_size", 0),
                    self._describe(self._by_id[member["type_id"]]),
                )
                for member in type["members"]
            ]
            return (kind, type["size"], members)
        raise AssertionError(kind)


def _clang_btf(directory: Path, name: str, text: str) -> Btf:
    source = directory / f"{name}.c"
    source.write_text(text)
    subprocess.run(
        [
            *(clang_program(), "-target", "bpf", "-g", "-O2", "-I", MULTIARCH, "-c"),
            f"-D__{os.uname().machine}__",  # libc's own headers, which linux/if.h asks for
            *("-Wno-zero-length-array", "-Wno-gnu-variable-sized-type-not-at-end"),
            *(source.name, "-o", f"{name}.o"),
        ],
        cwd=directory,
        check=True,
    )
    return _bpftool_btf(directory / f"{name}.o")


@cache
def _bpftool_btf(path: Path) -> Btf:
    done = subprocess.run(
        [require("bpftool"), "--json", "btf", "dump", "file", str(path)],
        check=True,
        capture_output=True,
    )
    return Btf(json.loads(done.stdout))


def _uses(types: Iterable[Chunk], constants: Iterable[Chunk]) -> str:
    """Return C that makes clang put the types, their alignments and the constants into BTF."""
    lines = []
    values = [f"value_{constant.name} = {constant.name}" for constant in constants]
    for type in types:
        spelled = f"struct {type.name}" if type.kind == "struct" else type.name
        lines.append(f"{spelled} use_of_{type.name};")
        values.append(f"alignment_of_{type.name} = _Alignof({spelled})")
    lines.append("enum values { no_value, " + ", ".join(values) + " } use_of_values;")
    return "\n".join(lines) + "\n"


def _as_c(chunk: Chunk) -> str:
    return re.sub(r"^const (\w+) = (.*);$", r"enum { \1 = \2 };", chunk.text)


@pytest.fixture(scope="module")
def prelude(tmp_path_factory: pytest.TempPathFactory) -> Btf:
    """The whole prelude, as clang reads it."""
    text = "".join(_as_c(chunk) + "\n" for chunk in sorted(CHUNKS, key=_typedefs_first))
    directory = tmp_path_factory.mktemp("prelude")
    return _clang_btf(directory, "prelude", text + _uses(TYPES, CONSTANTS))


def _typedefs_first(chunk: Chunk) -> bool:
    return chunk.kind != "typedef"


def _headers_version() -> tuple[int, int]:
    text = require_file("/usr/include/linux/version.h", "linux-libc-dev").read_text()
    code = int(re.findall(r"LINUX_VERSION_CODE (\d+)", text)[0])
    return code >> 16, code >> 8 & 0xFF


def _running_kernel() -> tuple[int, int]:
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int(minor)


def _vmlinux() -> Btf:
    return _bpftool_btf(require_file("/sys/kernel/btf/vmlinux", "vmlinux-btf"))


def _comparable(btf: Btf, chunk: Chunk) -> Any:
    described = btf.find(chunk.kind, chunk.name)
    if chunk.name in LIBC_SPELLING:
        return described and described[1:]
    return described


def test_every_declaration_is_there_once() -> None:
    """No name is declared twice in the prelude."""
    names = [chunk.name for chunk in CHUNKS]
    assert sorted(names) == sorted(set(names))


def test_the_prelude_agrees_with_the_kernels_headers(prelude: Btf, tmp_path: Path) -> None:
    """What the installed UAPI headers have, they have with the same values, sizes and members."""
    version = _headers_version()
    in_headers = [
        chunk
        for chunk in CHUNKS
        if chunk.origin in {*HEADERS, TYPES_HEADER} and chunk.since <= version
    ]
    types = [chunk for chunk in in_headers if chunk in TYPES]
    constants = [chunk for chunk in in_headers if chunk in CONSTANTS]
    assert len(types) > 20
    assert len(constants) > 20

    text = "".join(f"#include <{header}>\n" for header in HEADERS) + _uses(types, constants)
    headers = _clang_btf(tmp_path, "headers", text)

    ours = prelude.enumerators("no_value")
    assert headers.enumerators("no_value").items() <= ours.items()
    for chunk in types:
        theirs = headers.find(chunk.kind, chunk.name)
        if theirs[0] == "STRUCT" and not theirs[2]:  # older headers have unnamed bit-fields there
            assert prelude.find(chunk.kind, chunk.name)[1] == theirs[1], chunk.name
        else:
            assert prelude.find(chunk.kind, chunk.name) == theirs, chunk.name


def test_the_prelude_agrees_with_the_running_kernel(prelude: Btf) -> None:
    """What the kernel's BTF has, it has alike; nothing is older or newer than the prelude says."""
    vmlinux = _vmlinux()
    ours = prelude.enumerators("no_value")
    kernel = _running_kernel()
    confirmed = 0
    for chunk in TYPES:
        theirs = _comparable(vmlinux, chunk)
        if theirs is not None:
            assert _comparable(prelude, chunk) == theirs, chunk.name
            assert chunk.since <= kernel, f"{chunk.name} is there before Linux {chunk.since}"
            confirmed += 1
    for chunk in CONSTANTS:
        value = vmlinux.enumerators(chunk.name).get(chunk.name)
        if value is not None:
            assert ours[f"value_{chunk.name}"] == value, chunk.name
            assert chunk.since <= kernel, f"{chunk.name} is there before Linux {chunk.since}"
            confirmed += 1
        else:
            is_macro = chunk.kind == "const"
            assert is_macro or chunk.since > kernel, f"{chunk.name}: not in this kernel"
    assert confirmed > 50


def test_map_kinds_are_those_of_the_kernel() -> None:
    """MAP_KINDS and the kernel's enum bpf_map_type hold the same names and numbers."""
    kernel = _running_kernel()
    theirs = _map_types(_vmlinux())
    ours = {kind.constant: kind.number for kind in MAP_KINDS.values() if kind.since <= kernel}
    assert ours == theirs


@pytest.mark.parametrize("package", HEADERS_OF)
def test_map_kinds_are_those_of_the_headers(
    package: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """linux/bpf.h, through clang, has the kinds of its age under the same numbers."""
    text = f'#include "{bpf_header(package, tmp_path_factory)}"\nenum bpf_map_type use;\n'
    theirs = _map_types(_clang_btf(tmp_path, "kinds", text))
    version = SOURCES_VERSION if package == SOURCES else _headers_version()
    ours = {kind.constant: kind.number for kind in MAP_KINDS.values() if kind.since <= version}
    assert ours == theirs


def _map_types(btf: Btf) -> dict[str, int]:
    """Return enum bpf_map_type without its bounds and its second names."""
    return {
        name: number
        for name, number in btf.enumerators("BPF_MAP_TYPE_HASH").items()
        if name.startswith("BPF_MAP_TYPE_")
        and name != "BPF_MAP_TYPE_UNSPEC"
        and not name.endswith("_DEPRECATED")
    }


def test_map_kinds_have_libbpfs_names() -> None:
    """libbpf calls every kind that it knows by the name that the language uses."""
    known = {
        kind.name: libbpf.map_type_name(kind.number)
        for kind in MAP_KINDS.values()
        if libbpf.map_type_name(kind.number) is not None
    }
    assert len(known) >= 31
    assert {name: name for name in known} == known
