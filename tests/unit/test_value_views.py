"""Values of Python over bytes; C is the witness of where members are, in tests/user_space."""

from __future__ import annotations

import copy
import struct
from typing import TYPE_CHECKING, Any

import pytest

from bpfgen.ctype.layout import MemberSpec, lay_out
from bpfgen.ctype.types import (
    BOOL,
    CHAR,
    DOUBLE,
    INT,
    SCHAR,
    UCHAR,
    UINT,
    ULONG,
    USHORT,
    VOID,
    Array,
    Composite,
    Enum,
    Enumerator,
    Member,
    Pointer,
    Typedef,
)
from bpfgen.values.access import access_of
from bpfgen.values.shapes import shape_of
from bpfgen.values.views import Items, View

if TYPE_CHECKING:
    from bpfgen.values.views import Access

VERDICT = Enum(
    "verdict",
    4,
    signed=False,
    enumerators=(Enumerator("PASS", 0), Enumerator("DROP", 4), Enumerator("DENY", 4)),
)
PAIR = lay_out(
    "struct", "pair", [MemberSpec("a", UCHAR), MemberSpec("b", Typedef("__be16", USHORT))]
)
LOCK = Composite("struct", "bpf_spin_lock", (Member("val", UINT, 0),), 4, 4)
FLOW = lay_out(
    "struct",
    "flow",
    [
        MemberSpec("lock", LOCK),
        MemberSpec("verdict", VERDICT),
        MemberSpec("bytes", ULONG),
        MemberSpec("low", INT, 3),
        MemberSpec("ok", BOOL, 1),
        MemberSpec("class", SCHAR),
        MemberSpec("name", Array(CHAR, 4)),
        MemberSpec("pairs", Array(PAIR, 2)),
        MemberSpec("mac", Array(UCHAR, 6)),
        MemberSpec("ratio", DOUBLE),
        MemberSpec("next", Pointer(VOID)),
        MemberSpec(
            None,
            lay_out("union", None, [MemberSpec("whole", UINT), MemberSpec("half", USHORT)]),
        ),
    ],
)


def access(type: Any, size: int) -> Access:
    """Return the access to values of *type*."""
    return access_of(shape_of(type, size), "little")


def flow() -> Any:
    """Return a view of zeros."""
    return access(FLOW, FLOW.size).get(bytearray(FLOW.size), 0)


def test_members() -> None:
    """They are read and assigned as attributes and by their names."""
    view = flow()
    view.bytes += 60
    view.low = -4
    view.ok = True
    view["class"] = -1
    view.name = "eth"
    view.ratio = 0.5
    view.next = 0xFFFF
    view.half = 7
    assert (view.bytes, view.low, view.ok, view["class"], view.name) == (60, -4, True, -1, b"eth")
    assert (view.ratio, view.next, view.whole, view.lock) == (0.5, 0xFFFF, 7, None)
    assert dict(view)["whole"] == 7
    assert sorted(name for name, _ in view) == dir(view)
    assert "bytes = 60" in repr(view)
    assert bytes(view)[8:16] == struct.pack("<Q", 60)


@pytest.mark.parametrize("name", ["items", "values", "get", *dir(View)])
def test_members_called_like_what_a_view_has(name: str) -> None:
    """They are items; what a view has as an attribute stays what it is, unless it has none."""
    group = Composite("struct", "s", (Member(name, UINT, 0), Member("other", UINT, 32)), 8)
    view = access(group, 8).get(bytearray(struct.pack("<II", 7, 8)), 0)
    assert dict(view) == {name: 7, "other": 8} == view
    assert (view[name], list(view.keys())) == (7, [name, "other"])
    assert dict(view) == dict(copy.copy(view)) == dict(copy.deepcopy(view))
    view[name] = 9
    assert bytes(view) == struct.pack("<II", 9, 8)
    if hasattr(View, name):
        with pytest.raises(AttributeError, match="is no member as an attribute"):
            setattr(view, name, 1)
        assert name not in dir(view)
    else:
        setattr(view, name, 1)
        assert getattr(view, name) == view[name] == 1


def test_enums_are_numbers_with_a_name() -> None:
    """A name or a number is assigned."""
    view = flow()
    assert (view.verdict, view.verdict.name, str(view.verdict)) == (0, "PASS", "PASS")
    view.verdict = "DENY"
    assert (view.verdict, view.verdict.name) == (4, "DROP")
    view.verdict = 9
    assert (view.verdict, view.verdict.name, str(view.verdict)) == (9, None, "9")
    with pytest.raises(ValueError, match="no enumerator `x`: they are PASS, DROP, DENY"):
        view.verdict = "x"


def test_nested_views_are_of_the_same_bytes() -> None:
    """What is assigned to an item of an array is in the struct that holds it."""
    view = flow()
    pair = view.pairs[1]
    pair.b = 0x102
    assert view.pairs[-1].b == 0x102
    assert bytes(view.pairs) == b"\0\0\0\0\0\0\1\2"
    view.mac[5] = 9
    view.pairs[0] = {"a": 1}
    assert (view.mac, list(view.mac[4:])) == (b"\0\0\0\0\0\x09", [0, 9])
    assert view.mac == [0, 0, 0, 0, 0, 9]
    view.pairs = [{"a": 2}, pair]
    assert [one.a for one in view.pairs] == [2, 0]
    assert view.pairs[1].b == 0x102
    view.mac = b"123456"
    assert view.mac == b"123456"
    assert isinstance(view.mac, Items)


@pytest.mark.parametrize(
    ("name", "value", "error", "why"),
    [
        ("bytes", -1, OverflowError, "64 bits that have no sign"),
        ("bytes", 1.5, TypeError, "an int is wanted, not a float"),
        ("low", 4, OverflowError, "3 bits that have a sign"),
        ("ok", 2, ValueError, "a bool"),
        ("class", 128, OverflowError, "8 bits that have a sign"),
        ("name", b"12345", ValueError, r"char\[4\]"),
        ("name", 1, TypeError, "bytes or a str"),
        ("pairs", [{}], ValueError, "length 2"),
        ("pairs", b"12345678", TypeError, "a list"),
        ("pairs", 1, TypeError, "a list of length 2 is wanted, not an int"),
        ("pairs", "ab", TypeError, "a list"),
        ("pairs", [{"a": 1}, {"c": 1}], TypeError, "no member `c`: they are a, b"),
        ("pairs", [{"a": 1}, b"123"], ValueError, "length 4"),
        ("mac", [0, 1, 2, 3, 4, 256], OverflowError, "8 bits"),
        ("mac", b"1", ValueError, "length 6"),
        ("ratio", "x", TypeError, "a float"),
        ("lock", 1, TypeError, "kernel"),
        ("other", 1, AttributeError, "no member `other`"),
    ],
)
def test_what_is_no_value_is_refused(
    name: str, value: object, error: type[Exception], why: str
) -> None:
    """And nothing of it is written."""
    view = flow()
    before = bytes(view)
    with pytest.raises(error, match=why):
        setattr(view, name, value)
    assert bytes(view) == before


def test_whole_values() -> None:
    """A struct is given as a view, a dict or its bytes; what a dict leaves out is zero."""
    whole = access(PAIR, 4)
    data = bytearray(b"\xff" * 4)
    whole.put(data, 0, {"b": 1})
    assert data == b"\0\0\0\1"
    whole.put(data, 0, b"abcd")
    assert whole.get(data, 0).a == 97
    view = whole.get(bytearray(b"1234"), 0)
    whole.put(data, 0, view)
    assert data == b"1234"
    with pytest.raises(TypeError, match="another type"):
        whole.put(data, 0, flow())
    with pytest.raises(TypeError, match="bytes of length 4 or a dict are wanted, not an int"):
        whole.put(data, 0, 5)


def test_views_of_what_stays() -> None:
    """A view of bytes can be a key of a dict, and can't be changed; one of a bytearray can."""
    whole = access(PAIR, 4)
    key = whole.get(b"\1\0\0\2", 0)
    assert {key: 1}[whole.get(b"\1\0\0\2", 0)] == 1
    assert key != whole.get(b"\1\1\0\2", 0)
    with pytest.raises(TypeError, match=r"copy\.copy"):
        key.a = 3
    changed = copy.copy(key)
    changed.a = 3
    assert (key.a, changed.a, changed.b) == (1, 3, 2)
    assert copy.deepcopy(key) == key
    with pytest.raises(TypeError, match="no key"):
        hash(changed)
    array = access(Array(UINT, 2), 8)
    assert {array.get(bytes(8), 0): 1}
    with pytest.raises(IndexError, match="length 2 has no item 2"):
        array.get(bytes(8), 0)[2]
    assert repr(array.get(bytes(8), 0)) == "[0, 0]"
    assert array.get(bytes(8), 0) == array.get(bytearray(8), 0) == [0, 0]
    assert array.get(bytes(8), 0) != access(Array(INT, 2), 8).get(b"\1" + bytes(7), 0)
    assert changed == {"a": 3, "b": 2}
    assert changed != {"a": 3}
    assert changed != 3
