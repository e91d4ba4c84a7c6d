"""The bytes of BTF: read back they are the types; what replaces newer kinds keeps ids and sizes."""

from __future__ import annotations

import pytest

from bpfgen.btf.convert import BtfTypes
from bpfgen.btf.decode import Btf
from bpfgen.btf.encode import BtfEncoder
from bpfgen.btf.kinds import KIND_NAMES
from bpfgen.btf.write import PROBES, btf_bytes, features_of, replaced
from bpfgen.compiler import compile
from bpfgen.ctype.types import Composite, Float
from bpfgen.kernel.btf_features import BTF_FEATURES
from bpfgen.text.source import Source

SOURCE = """\
enum big { SMALL, HUGE = 0x100000000 };
enum sign { BELOW = -1, ABOVE };
struct node { __u32 first : 3; __u32 second : 29; enum big big; enum sign sign; __u8 data[6]; };
struct all {
    struct node nodes[2];
    struct task_struct __kptr *task;
    struct all *next;
    bool flag;
    union { __u16 port; char text[16]; };
};
map m: hash<__u32, struct all>[1];
"""


def _encoded() -> tuple[BtfEncoder, int, Composite]:
    model = compile(Source("m.dsl", SOURCE)).model
    argument = model.maps[0].shape.value
    assert argument is not None
    assert isinstance(argument.type, Composite)
    encoder = BtfEncoder({**model.types})
    type_id = encoder.add(argument.type)
    encoder.finish()
    return encoder, type_id, argument.type


@pytest.mark.parametrize("byteorder", ["little", "big"])
def test_what_is_written_is_read_back(byteorder: str) -> None:
    """Names, sizes, offsets and widths are those of the model."""
    encoder, type_id, wanted = _encoded()
    btf = Btf(btf_bytes(encoder.records, encoder.strings, byteorder))  # type: ignore[arg-type]
    read = BtfTypes(btf).type(type_id)
    assert isinstance(read, Composite)
    assert (read.tag, read.size) == ("all", wanted.size)
    assert [(m.name, m.bit_offset, m.bitfield_size) for m in read.members] == [
        (m.name, m.bit_offset, m.bitfield_size) for m in wanted.members
    ]
    assert len(btf) == len(encoder.records) + 1


def test_an_id_comes_back_for_what_a_pointer_waits_for() -> None:
    """A struct that came up first behind a member's pointer has an id when it is added itself."""
    model = compile(
        Source("m.dsl", "struct b { int x; }; struct a { struct b *b; }; map m: hash<a, b>[1];")
    ).model
    shape = model.maps[0].shape
    assert shape.key is not None
    assert shape.value is not None
    encoder = BtfEncoder({**model.types})
    ids = [encoder.add(shape.key.type), encoder.add(shape.value.type)]
    encoder.finish()
    btf = Btf(btf_bytes(encoder.records, encoder.strings))
    assert [btf.name(id) for id in ids] == ["a", "b"]


def test_features_are_rows_of_the_table() -> None:
    """What is probed for is what can be replaced, under the names of the table."""
    encoder, _id, _type = _encoded()
    assert features_of(encoder.records) == {"ENUM64", "TYPE_TAG", "sign of an ENUM"}
    assert set(PROBES) < set(BTF_FEATURES)
    for name, probe in PROBES.items():
        btf = Btf(probe)
        assert features_of(btf.words(id) for id in range(1, len(btf))) == {name}


def test_nothing_of_a_newer_kernel_is_left() -> None:
    """Each type has its id and size still, whatever stands for it now."""
    encoder, type_id, _wanted = _encoded()
    encoder.add(Float("double", 8))
    records, strings = replaced(encoder.records, encoder.strings, PROBES)
    assert not features_of(records)
    old = Btf(btf_bytes(records, strings))
    new = Btf(btf_bytes(encoder.records, encoder.strings))
    assert len(old) == len(new) + 1  # the placeholder
    was = {"FLOAT": "STRUCT", "TYPE_TAG": "CONST", "ENUM64": "UNION", "DECL_TAG": "INT"}
    for id in range(1, len(new)):
        before = KIND_NAMES[new.kind(id)]
        assert KIND_NAMES[old.kind(id)] == was.get(before, before)
        if before not in ("DECL_TAG", "TYPE_TAG"):
            assert old.words(id)[2] == new.words(id)[2]
    assert BtfTypes(old).type(type_id) is not None
    some = replaced(encoder.records, encoder.strings, ["TYPE_TAG"])
    assert features_of(some[0]) == {"ENUM64", "sign of an ENUM", "FLOAT"}
    assert some[1] == encoder.strings
