"""`--set`: which words are values, for which attributes, and what the model is afterwards."""

from __future__ import annotations

import pytest

from bpfgen.commands import UsageError
from bpfgen.commands.decided_source import DecidedSource
from bpfgen.commands.runtime_values import values_of, with_set
from bpfgen.compiler import Options, compile
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


@pytest.mark.parametrize(
    ("word", "said", "advice"),
    [
        ("m.map_flags=BPF_F_NO_PREALOC", "no flag of a map", "did you mean `BPF_F_NO_PREALLOC`?"),
        ("m.map_flags=BPF_F_LOCK|1", "but of bpf_map_update_elem", "--set m.map_flags='BPF_F_"),
        ("m.map_flags=0x4|BPF_BLUE", "`BPF_BLUE` is no flag", "--set m.map_flags='BPF_F_NO_PRE"),
        ("m.max_entries=BPF_F_NO_PREALLOC", "is no number", "--set m.max_entries=1000"),
    ],
)
def test_what_to_type_instead(word: str, said: str, advice: str) -> None:
    """It is for the attribute that was meant: flags have names, other numbers don't."""
    with pytest.raises(UsageError) as error:
        values_of([word])
    assert said in str(error.value)
    assert advice in error.value.help


def test_flags_are_names_and_numbers() -> None:
    """Between bars."""
    assert values_of(["m.map_flags=BPF_F_NO_PREALLOC | 0x40"]) == {"m.map_flags": 0x41}


@pytest.mark.parametrize(
    ("declared", "words", "code", "advice"),
    [
        ("array<__u32, __u32>[runtime]", ["m.max_entries=0"], "max-entries", "--set m.max_entries"),
        ("ringbuf[runtime]", ["m.max_entries=5000"], "ringbuf-size", "`--set m.max_entries=8KiB`"),
        ("ringbuf[runtime]", ["m.max_entries=3GiB"], "ringbuf-size", "`--set m.max_entries=2GiB`"),
        (
            "array_of_maps<__u32, ringbuf[runtime]>[4]",
            ["m.inner.max_entries=5000"],
            "ringbuf-size",
            "`--set m.inner.max_entries=8KiB`",
        ),
        (
            "hash<__u32, __u32>[4] { map_flags = runtime; }",
            ["m.map_flags=BPF_F_MMAPABLE|BPF_F_NO_PREALLOC"],
            "map-flags",
            "`--set m.map_flags='BPF_F_NO_PREALLOC|BPF_F_MMAPABLE'` says this one",
        ),
        (
            "array<__u32, struct { struct bpf_timer t; }>[4] { map_flags = runtime; }",
            ["m.map_flags=BPF_F_MMAPABLE|BPF_F_RDONLY_PROG|BPF_F_RDONLY"],
            "special-field-access",
            "`--set m.map_flags='BPF_F_RDONLY|BPF_F_MMAPABLE'`",
        ),
    ],
)
def test_what_a_rule_advises_is_for_the_option(
    declared: str, words: list[str], code: str, advice: str
) -> None:
    """The source says `runtime` there, and needs no change."""
    compilation = compile(Source("m.dsl", f"map m: {declared};\n"))
    source = DecidedSource("m.dsl", True, compilation.model, Options())  # noqa: FBT003
    values = values_of(words)
    caused = source.caused(with_set(source.model, values), values)
    (said,) = (one for one in caused if one.code == code)
    assert advice in said.help
    assert not said.edits


def test_an_attribute_has_one_value() -> None:
    """The same one twice is fine; two different ones aren't."""
    assert values_of(["a.max_entries=1", "a.max_entries=0x1"]) == {"a.max_entries": 1}
    with pytest.raises(UsageError, match="two values"):
        values_of(["a.max_entries=1", "a.max_entries=2"])
