"""The table of well-known headers against clang: each has what the table says it has."""

from __future__ import annotations

import subprocess

import pytest

from bpfgen.kernel.uapi_headers import CONSTANTS, KERNEL_STRUCTS, STRUCTS, header_of
from tests.tools import clang_program, header_flags


def test_no_name_is_there_twice() -> None:
    """A name has one header, and what is the kernel's own has none."""
    for table in (STRUCTS, CONSTANTS):
        names = [name for names in table.values() for name in names.split()]
        assert len(names) == len(set(names))
        assert KERNEL_STRUCTS.isdisjoint(names)
    assert header_of("iphdr") == "linux/ip.h"
    assert header_of("ETH_P_IP", constant=True) == "linux/if_ether.h"
    assert header_of("ETH_P_IP") is None


@pytest.mark.parametrize("header", sorted({*STRUCTS, *CONSTANTS}))
def test_the_header_has_it(header: str) -> None:
    """clang finds each struct whole and each constant constant, with this header alone."""
    lines = [f"#include <{header}>"]
    lines += [
        f"_Static_assert(sizeof(struct {name}), {name!r});".replace("'", '"')
        for name in STRUCTS.get(header, "").split()
    ]
    lines += [
        f"_Static_assert(({name}) | 1, {name!r});".replace("'", '"')
        for name in CONSTANTS.get(header, "").split()
    ]
    command = [clang_program(), "-target", "bpf", *header_flags(), "-fsyntax-only", "-xc", "-"]
    done = subprocess.run(
        command, input="\n".join(lines) + "\n", text=True, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
