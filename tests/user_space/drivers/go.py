"""The driver in Go: fields are used where there are some, else the methods of their names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from bpfgen.emit.go.naming import joined
from bpfgen.emit.user_space.types import BOOLEAN, FLOATING, NATIVE, Number
from tests.user_space.differential import Driver
from tests.user_space.go import go_build, go_module

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.user_space.differential import Slot
    from tests.user_space.witness import Subject

HEAD = """\
package main

import (
	"bufio"
	"encoding/binary"
	"io"
	"math"
	"os"
	"unsafe"
)

type driverNumber interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

type driverFloat interface{ ~float32 | ~float64 }

func driverLow(b []byte) uint64  { return binary.LittleEndian.Uint64(b) }
func driverHigh(b []byte) uint64 { return binary.LittleEndian.Uint64(b[8:]) }

func driverPut[T driverNumber](b []byte, value T) {
	binary.LittleEndian.PutUint64(b, uint64(value))
	high := uint64(0)
	if value < 0 {
		high = ^high
	}
	binary.LittleEndian.PutUint64(b[8:], high)
}

func driverPut128[T int64 | uint64](b []byte, high T, low uint64) {
	binary.LittleEndian.PutUint64(b, low)
	binary.LittleEndian.PutUint64(b[8:], uint64(high))
}

func driverPutFloat[T driverFloat](b []byte, value T) {
	binary.LittleEndian.PutUint64(b, math.Float64bits(float64(value)))
	binary.LittleEndian.PutUint64(b[8:], 0)
}

func driverPutBool(b []byte, value bool) {
	clear(b)
	if value {
		b[0] = 1
	}
}

func driverSet[T driverNumber](p *T, b []byte)     { *p = T(driverLow(b)) }
func driverSetFloat[T driverFloat](p *T, b []byte) { *p = T(math.Float64frombits(driverLow(b))) }

func driverBytes[T any](p *T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(p)), unsafe.Sizeof(*p))
}

type driverSlot struct {
	size, value uintptr
	read, write func(p unsafe.Pointer, b []byte)
}

func main() {
	in, out := bufio.NewReaderSize(os.Stdin, 1<<16), bufio.NewWriterSize(os.Stdout, 1<<16)
	space := make([]uint64, 1<<18)
	p := unsafe.Pointer(&space[0])
	all := unsafe.Slice((*byte)(p), 1<<20)
	value := make([]byte, 1<<20)
	var head [5]byte
	for {
		if _, err := io.ReadFull(in, head[:]); err != nil {
			break
		}
		slot := driverSlots[binary.LittleEndian.Uint32(head[:4])]
		if _, err := io.ReadFull(in, all[:slot.size]); err != nil {
			panic(err)
		}
		if head[4] == 0 {
			slot.read(p, value[:slot.value])
			out.Write(value[:slot.value])
			continue
		}
		if _, err := io.ReadFull(in, value[:slot.value]); err != nil {
			panic(err)
		}
		slot.write(p, value[:slot.value])
		out.Write(all[:slot.size])
	}
	out.Flush()
}

"""


class Surface(NamedTuple):
    """What a program sees of one generated type: names, and the results of methods."""

    fields: frozenset[str]
    methods: dict[str, str]


def surfaces(text: str) -> dict[str, Surface]:
    """Return the surface of each struct in the generated *text*, by name."""
    fields: dict[str, frozenset[str]] = {}
    for found in re.finditer(r"^type (\w+) struct \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL):
        names = re.findall(r"^\t(\w+) ", found[2], re.MULTILINE)
        fields[found[1]] = frozenset(names) - {"_"}
    methods: dict[str, dict[str, str]] = {name: {} for name in fields}
    for found in re.finditer(
        r"^func \((?:v )?\*(\w+)\) (\w+)\(([^)]*)\) ?(.*?) ?\{$", text, re.MULTILINE
    ):
        methods[found[1]][found[2]] = found[4]
    return {name: Surface(fields[name], methods[name]) for name in fields}


def sources(
    text: str, subjects: Sequence[Subject], slots: Sequence[Slot]
) -> tuple[str, frozenset[int]]:
    """Return the driver over the generated *text*, and the slots that it has."""
    seen = surfaces(text)
    functions, rows, covered = [], ["var driverSlots = [...]driverSlot{"], set()
    for slot in slots:
        type = joined(*subjects[slot.subject].type.words)
        bodies = _bodies(slot, seen[type])
        if bodies is None:
            continue
        covered.add(slot.number)
        for letter, body in zip("rw", bodies, strict=True):
            head = f"func driver{letter}{slot.number}(p unsafe.Pointer, b []byte)"
            functions.append(f"{head} {{ v := (*{type})(p); {body} }}")
        sizes = f"unsafe.Sizeof({type}{{}}), {slot.value_size}"
        pair = f"driverr{slot.number}, driverw{slot.number}"
        rows.append(f"\t{slot.number}: {{{sizes}, {pair}}},")
    return "\n".join([HEAD, *functions, *rows, "}", ""]), frozenset(covered)


def _bodies(slot: Slot, surface: Surface) -> tuple[str, str] | None:
    """Return what reads `*v` into `b`, and what writes it."""
    name = joined(slot.member.name)
    name = name if name in surface.fields or name in surface.methods else f"{name}_"
    is_field = name in surface.fields
    if not is_field and name not in surface.methods:
        return None
    leaf = slot.leaf
    setter = f"Set{name}" if surface.methods.get(f"Set{name}") == "" else f"Set{name}_"
    variable = f"v.{name}" if is_field else f"x := v.{name}()"
    if leaf is None:
        if is_field:
            return f"copy(b, driverBytes(&v.{name}))", f"copy(driverBytes(&v.{name}), b)"
        return (
            f"{variable}; copy(b, driverBytes(&x))",
            f"{variable}; copy(driverBytes(&x), b); v.{setter}(x)",
        )
    arguments = "".join(f"{index}, " for index in leaf.indices)
    element = "".join(f"[{index}]" for index in leaf.indices)
    if leaf.type.size == 16:
        half = "int64" if leaf.type.signed else "uint64"
        if leaf.member.bit_width is not None:
            if leaf.bits > 64:
                return (
                    f"high, low := v.{name}(); driverPut128(b, high, low)",
                    f"v.{setter}({half}(driverHigh(b)), driverLow(b))",
                )
        else:
            sign = "Int" if leaf.type.signed else "Uint"
            return (
                f"high, low := v.{name}{sign}128({arguments}); driverPut128(b, high, low)",
                f"v.Set{name}{sign}128({arguments}{half}(driverHigh(b)), driverLow(b))",
            )
    if leaf.byte_order != NATIVE and leaf.type.size > 1:
        bits = f"uint{leaf.bits}"
        method = f"{name}Uint{leaf.bits}"
        return (
            f"driverPut(b, v.{method}({arguments}))",
            f"v.Set{method}({arguments}{bits}(driverLow(b)))",
        )
    is_bool = isinstance(leaf.type, Number) and leaf.type.kind == BOOLEAN
    if is_bool:
        method = name if leaf.member.bit_width is not None else f"{name}Bool"
        return (
            f"driverPutBool(b, v.{method}({arguments}))",
            f"v.Set{method}({arguments}b[0] != 0)",
        )
    is_float = isinstance(leaf.type, Number) and leaf.type.kind == FLOATING
    kind = "Float" if is_float else ""
    if is_field:
        return f"driverPut{kind}(b, v.{name}{element})", f"driverSet{kind}(&v.{name}{element}, b)"
    return (
        f"{variable}; driverPut{kind}(b, x{element})",
        f"{variable}; driverSet{kind}(&x{element}, b); v.{setter}(x)",
    )


def driver(
    text: str, subjects: Sequence[Subject], slots: Sequence[Slot], folder: Path, arch: str = "amd64"
) -> Driver:
    """Return the program for *arch* over the generated *text*, of package main."""
    program, covered = sources(text, subjects, slots)
    go_module(folder, {"maps.go": text, "driver.go": program})
    # Without optimisation it is built in half the time.
    flags = "-mod=mod '-gcflags=-N -l' '-ldflags=-s -w'"
    return Driver((str(go_build(folder, GOARCH=arch, GOFLAGS=flags)),), covered, covered)
