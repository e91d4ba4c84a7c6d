"""BPF selftests of the kernel as C sources: import's maps are those that clang compiles from them.

The sources are those of the corpus, where they are on this machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conformance.c_round_trip import round_trip
from tests.corpus.__main__ import DIRECTORY
from tests.corpus.build import Toolchain, build
from tests.corpus.sources import (
    PACKAGE,
    PARTS,
    SELFTESTS,
    TARBALL,
    VMLINUX,
    UnpreparedError,
    fetch,
    prepare_headers,
)
from tests.tools import missing, require, require_file

if TYPE_CHECKING:
    from pathlib import Path

DEFINITIONS = {"__TARGET_ARCH_x86": "1", "ENABLE_ATOMICS_TESTS": "1"}

PROGRAMS = (
    "access_map_in_map",
    "arena_htab",
    "bloom_filter_map",
    "linked_list",
    "map_kptr",
    "test_btf_map_in_map",
    "test_btf_newkv",
    "test_l4lb",
    "test_pinning",
    "test_prog_array_init",
    "test_sockmap_kern",
)
"""Definitions by macros, in headers, with numbers of `#define`s, enums and `sizeof`; slots."""


@pytest.fixture(scope="module")
def toolchain(tmp_path_factory: pytest.TempPathFactory) -> Toolchain:
    """Give the compiler and the sources of the corpus."""
    tools = [require(tool) for tool in ("clang-19", "bpftool", "llvm-strip-19")]
    directory = DIRECTORY
    if not all((DIRECTORY / PACKAGE / part).exists() for part in PARTS):
        require_file(TARBALL, PACKAGE)
        directory = tmp_path_factory.mktemp("selftests")
    require_file(VMLINUX, "BTF of the running kernel")
    try:
        tree = fetch(directory, install=False)
        include = prepare_headers(tree, directory, tools[1])
    except UnpreparedError as error:
        missing("the corpus", str(error))
    return Toolchain(tools[0], tools[1], tools[2], tree, include)


def test_programs_of_the_kernel(toolchain: Toolchain, tmp_path: Path) -> None:
    """All maps of each program come back from its C as they are in its object."""
    progs = toolchain.tree / SELFTESTS / "progs"
    directories = (
        *(toolchain.include, progs.parent, progs),
        toolchain.tree / "tools/include/uapi",
    )
    objects = build(toolchain, tmp_path, only=PROGRAMS).objects
    built = {path.stem: path for path in objects if path.parent.name == "el"}
    assert set(built) == set(PROGRAMS)
    maps = 0
    for name in PROGRAMS:
        data = built[name].read_bytes()
        done = round_trip(progs / f"{name}.c", data, directories, DEFINITIONS)
        different = [each for each in done.differences if "linkage static became" not in each]
        assert different == [], (name, done.imported.diagnostics)
        # What works compiles without errors, so that nothing has to be allowed.
        assert "bpfgen: allow" not in done.imported.text, name
        maps += len(done.compiled.maps)
    assert maps > 40
