"""`--set`: which words are values, for which attributes, and what the model is afterwards."""

from __future__ import annotations

import pytest

from bpfgen.commands import UsageError
from bpfgen.commands.runtime_values import values_of, with_set
from bpfgen.compiler import compile
from bpfgen.model.runtime import missing_values, open_attributes
from bpfgen.text.source import Source

SOURCE = """\
map flows: hash<__u32, __u64>[runtime];
template ports: array<__u32, __u64>[runtime];
map open_ports: ports;
map outer: array_of_maps<__u32, hash<__u32, __u64>[runtime]>[4];
map perf: perf_event_array[runtime];
map sized: hash { key_size = 4; value_size = runtime; max_entries = 8; map_flags = runtime; };
extern map elsewhere: hash<__u32, __u64>[runtime];
"""

MODEL = compile(Source("m.dsl", SOURCE)).model


def test_what_is_left_to_the_loader() -> None:
    """Everything that is `runtime`, inner maps too; libbpf itself counts the CPUs."""
    places = [
        "flows.max_entries",
        "open_ports.max_entries",
        "outer.inner.max_entries",
        "perf.max_entries",
        "sized.value_size",
        "sized.map_flags",
    ]
    assert list(open_attributes(MODEL)) == places
    assert missing_values(MODEL) == tuple(p for p in places if p != "perf.max_entries")


@pytest.mark.parametrize(
    ("word", "place", "value"),
    [
        ("flows.max_entries=1000", "flows.max_entries", 1000),
        ("flows.max_entries = 64 KiB", "flows.max_entries", 65536),
        ("open_ports.max_entries=0x10", "open_ports.max_entries", 16),
        ("sized.map_flags=BPF_F_NO_PREALLOC | BPF_F_ZERO_SEED", "sized.map_flags", 0x41),
        ("outer.inner.max_entries=4294967295", "outer.inner.max_entries", 4294967295),
    ],
)
def test_a_value_is_set(word: str, place: str, value: int) -> None:
    """It is that attribute that has it, and no longer the loader's."""
    model = with_set(MODEL, values_of([word]))
    name, *inner, attribute = place.split(".")
    shape = next(map.shape for map in model.maps if map.name == name)
    if inner:
        assert shape.inner is not None
        shape = shape.inner
    assert shape.attributes[attribute].value == value
    assert set(open_attributes(model)) == set(open_attributes(MODEL)) - {place}


@pytest.mark.parametrize(
    "word",
    [
        "flows",
        "max_entries=1",
        "flows.max_entries",
        "flows.max_entries=",
        "flows.max_entries=-1",
        "flows.max_entries=1_000",
        "flows.max_entries=0x",
        "flows.max_entries=0x1_0",
        "flows.max_entries=4294967296",
        "flows.max_entries=²",
        "flows.color=1",
        "flows.pinning=1",
        "flows.inner.max_entries=1",
        "outer.max_entries=1",
        "outer.inner.inner.max_entries=1",
        "outer.inner=1",
        "flow.max_entries=1",
        "elsewhere.max_entries=1",
        "sized.map_flags=BPF_F_NO_PREALLOC|BPF_F_BLUE",
        ".=1",
        ".max_entries=1",
    ],
)
def test_what_is_no_value(word: str) -> None:
    """It is refused with a sentence, never with a traceback."""
    with pytest.raises(UsageError, match=r"--set"):
        with_set(MODEL, values_of([word]))


def test_an_attribute_has_one_value() -> None:
    """The same one twice is fine; two different ones aren't."""
    assert values_of(["a.max_entries=1", "a.max_entries=0x1"]) == {"a.max_entries": 1}
    with pytest.raises(UsageError, match="two values"):
        values_of(["a.max_entries=1", "a.max_entries=2"])
