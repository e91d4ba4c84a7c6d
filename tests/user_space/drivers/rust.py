"""The driver in Rust: methods are used where there are some, else the fields of their names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from bpfgen.emit.rust.names import member_name, type_name
from bpfgen.emit.user_space.types import (
    BOOLEAN,
    NATIVE,
    Number,
    Opaque,
    Sequence,
    Structure,
    resolved,
)
from tests.user_space.differential import Driver
from tests.user_space.rust import rustc

if TYPE_CHECKING:
    from collections.abc import Sequence as Listed
    from pathlib import Path

    from bpfgen.emit.user_space.types import UserType
    from tests.user_space.differential import Slot
    from tests.user_space.witness import Subject

HEAD = """\
#![allow(warnings)]

use std::io::{BufReader, BufWriter, Read, Write};

mod maps {
    include!("maps.rs");
}
use maps::*;
use maps::Plain as _;

trait DriverValue: Copy {
    fn wide(self) -> i128;
    fn narrow(value: i128) -> Self;
}

macro_rules! driver_numbers {
    ($($number:ty)*) => {$(
        impl DriverValue for $number {
            fn wide(self) -> i128 { self as i128 }
            fn narrow(value: i128) -> Self { value as $number }
        }
    )*};
}
driver_numbers!(u8 i8 u16 i16 u32 i32 u64 i64 u128 i128);

macro_rules! driver_enums {
    ($($name:ident)*) => {$(
        impl DriverValue for $name {
            fn wide(self) -> i128 { self.0.wide() }
            fn narrow(value: i128) -> Self { Self(DriverValue::narrow(value)) }
        }
    )*};
}

impl DriverValue for bool {
    fn wide(self) -> i128 { self as i128 }
    fn narrow(value: i128) -> Self { value != 0 }
}
impl DriverValue for f32 {
    fn wide(self) -> i128 { (self as f64).wide() }
    fn narrow(value: i128) -> Self { f64::narrow(value) as f32 }
}
impl DriverValue for f64 {
    fn wide(self) -> i128 { self.to_bits() as i128 }
    fn narrow(value: i128) -> Self { f64::from_bits(value as u64) }
}

fn driver_put<T: DriverValue>(value: T, b: &mut [u8]) {
    b.copy_from_slice(&value.wide().to_le_bytes());
}
fn driver_take<T: DriverValue>(b: &[u8]) -> T {
    T::narrow(i128::from_le_bytes(b.try_into().unwrap()))
}
fn driver_same<T: maps::Plain>(_like: T, b: &[u8]) -> T {
    T::from_bytes(b).unwrap()
}

struct DriverSlot {
    size: usize,
    value: usize,
    read: fn(&[u8], &mut [u8]),
    write: fn(&mut [u8], &[u8]),
}

fn main() {
    let mut input = BufReader::new(std::io::stdin());
    let mut output = BufWriter::new(std::io::stdout());
    let mut head = [0u8; 5];
    while input.read_exact(&mut head).is_ok() {
        let slot = &DRIVER_SLOTS[u32::from_le_bytes(head[..4].try_into().unwrap()) as usize];
        let mut bytes = vec![0u8; slot.size];
        let mut value = vec![0u8; slot.value];
        input.read_exact(&mut bytes).unwrap();
        if head[4] == 0 {
            (slot.read)(&bytes, &mut value);
            output.write_all(&value).unwrap();
        } else {
            input.read_exact(&mut value).unwrap();
            (slot.write)(&mut bytes, &value);
            output.write_all(&bytes).unwrap();
        }
    }
}
"""


class Surface(NamedTuple):
    """What a program sees of one generated type: its fields, and methods that are a member's."""

    fields: frozenset[str]
    getters: frozenset[str]
    setters: frozenset[str]


def surfaces(text: str) -> dict[str, Surface]:
    """Return the surface of each struct in the generated *text*, by name."""
    fields: dict[str, set[str]] = {}
    methods: dict[str, str] = {}
    for name, body in re.findall(r"^pub struct (\w+) \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL):
        fields[name] = set(re.findall(r"^    pub (\w+):", body, re.MULTILINE))
    for name, body in re.findall(r"^impl (\w+) \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL):
        methods[name] = methods.get(name, "") + body
    getter = re.compile(r"^    pub fn (\w+)\(&self\) -> (?!&|Result)", re.MULTILINE)
    setter = re.compile(r"^    pub fn (\w+)\(&mut self, value: ", re.MULTILINE)
    return {
        name: Surface(
            frozenset(fields[name]),
            frozenset(getter.findall(methods.get(name, ""))),
            frozenset(setter.findall(methods.get(name, ""))),
        )
        for name in fields
    }


def sources(
    text: str, subjects: Listed[Subject], slots: Listed[Slot]
) -> tuple[str, frozenset[int], frozenset[int]]:
    """Return the driver over the generated *text*, and the slots that it reads and writes."""
    seen = surfaces(text)
    enums = re.findall(r"^pub struct (\w+)\(pub [iu]\d+\);", text, re.MULTILINE)
    functions, rows = [f"driver_enums!({' '.join(enums)});"], []
    reads, writes = set(), set()
    for slot in slots:
        type = type_name(subjects[slot.subject].type.words)
        bodies = _bodies(slot, seen[type]) if type in seen else None
        if bodies is None:
            rows.append("DriverSlot { size: 0, value: 0, read: |_, _| (), write: |_, _| () },")
            continue
        reads.add(slot.number)
        if bodies[1]:
            writes.add(slot.number)
        start = f"let mut v = <{type} as maps::Plain>::from_bytes(p).unwrap();"
        number = slot.number
        end = "p.copy_from_slice(maps::Plain::bytes(&v));"
        functions += [
            f"fn driver_r{number}(p: &[u8], b: &mut [u8]) {{ {start} {bodies[0]} }}",
            f"fn driver_w{number}(p: &mut [u8], b: &[u8]) {{ {start} {bodies[1]} {end} }}",
        ]
        rows.append(
            f"DriverSlot {{ size: std::mem::size_of::<{type}>(), value: {slot.value_size},"
            f" read: driver_r{number}, write: driver_w{number} }},"
        )
    table = ["static DRIVER_SLOTS: &[DriverSlot] = &[", *rows, "];", ""]
    return "\n".join([HEAD, *functions, *table]), frozenset(reads), frozenset(writes)


def _bodies(slot: Slot, surface: Surface) -> tuple[str, str] | None:
    """Return what reads `v` into `b`, and what writes it."""
    name = slot.member.name
    spelled = member_name(name)
    getter = next((n for n in (spelled, name, f"{name}_") if n in surface.getters), None)
    setter = next((n for n in (f"set_{name}", f"set_{name}_") if n in surface.setters), None)
    if slot.leaf is None and spelled in surface.fields and not _holds_structs(slot.member.type):
        getter = None
    if getter is not None and setter is None:
        return None
    if getter is None and spelled not in surface.fields:
        return None
    value = f"v.{getter}()" if getter is not None else f"v.{spelled}"
    store = f"v.{setter}(x);" if getter is not None else f"v.{spelled} = x;"
    if slot.leaf is None:
        if getter is not None and _is_converted(slot.member.type):
            return None
        return (
            f"let x = {value}; b.copy_from_slice(maps::Plain::bytes(&x));",
            f"let x = driver_same({value}, b); {store}",
        )
    element = "".join(f"[{index}]" for index in slot.leaf.indices)
    if getter is None and slot.leaf.byte_order != NATIVE and slot.leaf.type.size > 1:
        return None
    writes = f"let mut x = {value}; x{element} = driver_take(b); {store}"
    if element and getter is not None and _is_boolean(slot.member.type):
        # What a method writes is the whole array, in which each is 0 or 1 then.
        is_field = spelled in surface.fields
        writes = f"v.{spelled}{element} = driver_take(b);" if is_field else ""
    return f"let x = {value}; driver_put(x{element}, b);", writes


def _element(type: UserType) -> UserType:
    bare = resolved(type)
    while isinstance(bare, Sequence):
        bare = resolved(bare.element)
    return bare


def _holds_structs(type: UserType) -> bool:
    return isinstance(_element(type), (Structure, Opaque))


def _is_boolean(type: UserType) -> bool:
    element = _element(type)
    return isinstance(element, Number) and element.kind == BOOLEAN


def _is_converted(type: UserType) -> bool:
    """Return whether what a method returns has other bytes than the member."""
    element = _element(type)
    return isinstance(element, Number) and (element.kind == BOOLEAN or element.byte_order != NATIVE)


def driver(
    text: str, subjects: Listed[Subject], slots: Listed[Slot], folder: Path, *options: str
) -> Driver:
    """Return the program over the generated *text*; *options* are rustc's."""
    program, reads, writes = sources(text, subjects, slots)
    folder.mkdir(exist_ok=True)
    (folder / "maps.rs").write_text(text)
    (folder / "main.rs").write_text(program)
    built = folder / "driver"
    words = ("--edition=2021", "-Cdebuginfo=0", "-Cdebug-assertions=off", "-o", str(built))
    rustc(folder / "main.rs", *words, *options)
    return Driver((str(built),), reads, writes)
