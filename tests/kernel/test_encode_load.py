"""The kernel takes the types of the objects that bpfgen writes, exactly where it should.

BTF as it stands in the object is given to BPF_BTF_LOAD; what the checks of bpfgen say of it is what
the kernel says. A loader would put extern maps and programs in place first, so that objects with
such are refused here, and by the checks.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from bpfgen.assemble.object import assemble
from bpfgen.assemble.refusals import refusals
from bpfgen.btf.check import btf_faults
from bpfgen.btf.check_fields import forward_kptrs
from bpfgen.btf.decode import Btf
from bpfgen.compiler import Options, compile
from bpfgen.elf.read import ElfFile
from bpfgen.text.source import Source
from tests.fuzz.programs import Features, program
from tests.kernel.bpf_syscall import load_btf
from tests.samples import GOOD, compiled
from tests.tools import require_root

if TYPE_CHECKING:
    from pathlib import Path

    from bpfgen.model.model import Model

pytestmark = pytest.mark.kernel

SEED = int(os.environ.get("BPFGEN_ENCODE_LOAD_SEED", "0"))
COUNT = int(os.environ.get("BPFGEN_ENCODE_LOAD_COUNT", "60"))


def _types(model: Model) -> bytes:
    """Return the BTF of the object of *model*; without bytes where it has none."""
    if model.includes or refusals(model, "modern"):
        return b""
    section = ElfFile(assemble(model, "little")).section_named(".BTF")
    return b"" if section is None else bytes(section.data)


def _check(data: bytes, what: str) -> bool:
    """Hold the kernel's answer against the checks'; return whether it takes *data*."""
    major, minor = os.uname().release.split(".")[:2]
    kernel = int(major), int(minor)
    btf = Btf(data)
    faults = btf_faults(btf, kernel, by_libbpf=False) or forward_kptrs(btf, kernel)
    why = ""
    try:
        load_btf(data).close()
    except OSError as error:
        why = str(error)
    assert bool(why) == bool(faults), f"{what}\n{why}\n{[fault.why for fault in faults]}"
    return not why


@pytest.mark.parametrize("name", GOOD)
def test_types_of_samples_are_loaded(name: str) -> None:
    """Nothing but what is extern makes the kernel refuse the types of a sample."""
    require_root()
    compilation = compiled(name)
    data = b"" if compilation.variants else _types(compilation.model)
    if not data or _check(data, name):
        return
    model = compilation.model
    assert model.imports or any(map.linkage == "extern" or map.slots for map in model.maps)


def test_the_kernel_and_the_checks_agree(tmp_path: Path) -> None:
    """About random programs."""
    require_root()
    taken = 0
    for seed in range(SEED, SEED + COUNT):
        made = program(seed, Features(unopenable=seed % 4 == 0))
        (tmp_path / "common.dsl").write_text(made.imported)
        source = Source(str(tmp_path / "main.dsl"), made.text)
        data = _types(compile(source, Options(is_ruled=False)).model)
        if data:
            taken += _check(data, f"seed {seed}:\n{made.text}")
    assert taken > COUNT // 3
