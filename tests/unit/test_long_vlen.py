"""More elements than 16 bits count: written and read with 24, and who refuses them is said."""

from __future__ import annotations

import os
import struct

import pytest

from bpfgen.btf import kinds
from bpfgen.btf.check import btf_faults
from bpfgen.btf.decode import Btf
from bpfgen.btf.encode import BtfEncoder
from bpfgen.btf.encode_variables import add_section, add_variable
from bpfgen.btf.write import btf_bytes
from bpfgen.ctype.types import INT, Enum, Enumerator
from bpfgen.record import replace
from bpfgen.rules.target import Target
from bpfgen.rules.types.btf_load import btf_refused
from bpfgen.text.diagnostics import ERROR, WARNING
from tests.kernel.bpf_syscall import load_btf
from tests.tools import require_root
from tests.verify.program import model_of

MANY = 0x10000


def _encoded(byteorder: str) -> tuple[bytes, int, int]:
    """Return BTF with an enum and a section of MANY elements, and the ids of the two."""
    encoder = BtfEncoder({}, deduplicated=True)
    enumerators = tuple(Enumerator(f"E{number}", number) for number in range(MANY))
    enum_id = encoder.add_type(Enum("many", 4, signed=False, enumerators=enumerators))
    variable_id = add_variable(encoder, "v", encoder.add_type(INT), kinds.BTF_VAR_GLOBAL_ALLOCATED)
    entries = [(variable_id, 4 * number, 4) for number in range(MANY)]
    section_id = add_section(encoder, ".data", entries, 4 * MANY)
    encoder.finish()
    data = btf_bytes(encoder.records, encoder.strings, byteorder)  # type: ignore[arg-type]
    return data, enum_id, section_id


@pytest.mark.parametrize("byteorder", ["little", "big"])
def test_many_elements_are_read_back(byteorder: str) -> None:
    """The word that says how many is that of <linux/btf.h> of Linux 7.1: vlen in bits 0 to 23."""
    data, enum_id, section_id = _encoded(byteorder)
    btf = Btf(data)
    assert btf.enumerators(enum_id) == [(f"E{number}", number) for number in range(MANY)]
    assert [at for _id, at, _size in btf.variables(section_id)] == list(range(0, 4 * MANY, 4))
    assert enum_id == 1
    order = "<" if byteorder == "little" else ">"
    assert struct.unpack_from(f"{order}I", data, 24 + 4) == (6 << 24 | MANY,)  # BTF_KIND_ENUM
    assert btf_faults(btf, (7, 1), by_libbpf=False) == []
    refused = btf_faults(btf, (7, 0), by_libbpf=False)
    assert [(one.type_id, one.function) for one in refused] == [
        (enum_id, "btf_check_meta"),
        (section_id, "btf_check_meta"),
    ]


@pytest.mark.kernel
def test_the_kernel_counts_as_its_version_says() -> None:
    """Those before 7.1 refuse the types."""
    require_root()
    data, _enum, _section = _encoded("little")
    major, minor = os.uname().release.split(".")[:2]
    if (int(major), int(minor)) >= (7, 1):
        load_btf(data).close()
    else:
        with pytest.raises(OSError, match="Invalid btf_info"):
            load_btf(data)


@pytest.mark.parametrize(
    ("kind", "severity"), [("array<__u32, __u64>[1]", WARNING), ("sk_storage<int, int>", ERROR)]
)
def test_a_rule_counts_maps(kind: str, severity: str) -> None:
    """One more than fits is said to be too many, at its declaration; maps that need types lose."""
    model = model_of(f"map m: {kind};")
    old, new = (replace(Target.of(model, None, "modern"), kernel=one) for one in ((7, 0), (7, 1)))
    some = replace(model, declarations=model.declarations * (MANY - 1))
    many = replace(model, declarations=model.declarations * MANY)
    assert list(btf_refused(some, old)) == list(btf_refused(many, new)) == []
    (said,) = btf_refused(many, old)
    assert (said.code, said.severity) == ("btf-refused", severity)
    assert "65536 maps" in said.message
    assert any("libbpf before 1.8" in note for note in said.notes)
