"""Typed access over libbpf-rs: functions of a map's type that take any `MapCore`.

After the facts. What the kernel doesn't do for a kind isn't there. The functions that they call
are in templates/rust/libbpf_rs.rs.j2.

Source: libbpf-rs 0.27, src/map.rs.
"""

from __future__ import annotations

from bpfgen.emit.rust.facts import NO_KEY, RECORD
from bpfgen.emit.rust.form import call, function
from bpfgen.emit.user_space.identifiers import MAP
from bpfgen.kernel.map_operations import COOKIE, MAP_OPERATIONS
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from bpfgen.emit.rust.facts import RustMap
    from bpfgen.emit.user_space.facts import MapFacts
    from bpfgen.emit.user_space.identifiers import Surface

_MAP = "map: &impl libbpf_rs::MapCore"
_FLAGS = "flags: libbpf_rs::MapFlags"
_DESCRIPTOR = "&impl std::os::fd::AsFd"
_COOKIE_SIZE = 8
_LONG_ITEM = 97
_LONG_RESULT = 98
"""The most columns of an `impl Iterator` that rustfmt leaves on one line, and of its item. With one
more the bound alone goes on the next."""
_DEPTH = 8
"""Columns in front of a method's body."""


def write_access(
    map: RustMap, words: dict[str, str], surface: Surface
) -> tuple[list[str], frozenset[str]]:
    """Return the lines of an `impl` with typed access to *map*, and the functions they call."""
    writer = _Writer(map, words, surface)
    operations = MAP_OPERATIONS[map.facts.kind.name]
    key, value = map.key, map.value
    writer.check(map.facts)
    if key == NO_KEY and value is not None and operations.update:
        writer.keyless(value, takes=operations.take)
    elif key is not None and key != NO_KEY:
        key_code = "key"
        if operations.key_of:
            key_code, key = "&descriptor(key)", _DESCRIPTOR
        else:
            key = f"&{key}"
        if operations.value_of:
            writer.descriptors(
                key,
                map.facts.value_size,
                readable=bool(operations.lookup_gives)
                and (operations.lookup_gives != COOKIE or map.facts.value_size == _COOKIE_SIZE),
            )
        elif value is not None:
            if map.facts.kind.per_cpu:
                writer.per_cpu(key, value, operations.operations)
            else:
                writer.plain(key, key_code, value, operations.operations)
        if operations.delete:
            writer.delete(key, key_code)
        if operations.walk:
            assert map.key is not None
            writer.keys(map.key)
    if map.record is not None:
        writer.records(map.record, to_kernel=operations.records == "user_ringbuf")
    lints = "dead_code, clippy::trivially_copy_pass_by_ref"
    lines = [f"#[allow({lints})]", f"impl {map.type} {{", *writer.lines, "}"]
    return lines, frozenset(writer.used)


class _Writer:
    """Writes the methods of one map, one after the other."""

    def __init__(self, map: RustMap, words: dict[str, str], surface: Surface) -> None:
        self._map = map
        self._surface = surface
        self.lines: list[str] = []
        self.used: set[str] = set()
        self._option = words["Option"]
        self._some = words["Some"]
        self._none = words["None"]
        self._vec = words["Vec"]
        self._plain = words["Plain"]
        self._iterator = words["Iterator"]

    def _method(
        self,
        about: str,
        errors: str,
        name: str,
        parameters: list[str],
        result: str,
        body: list[str],
    ) -> None:
        map = self._map
        signature = f"fn({', '.join(parameters)}) -> {result}"
        self._surface.add((MAP, map.name), f"{map.type}::{name}", signature, f"{map.inside}{name}")
        if self.lines:
            self.lines.append("")
        self.lines.append(f"    /// {about}")
        if errors:
            self.lines += ["    ///", "    /// # Errors", "    ///", f"    /// {errors}"]
        if result.startswith(self._option):
            self.lines.append("    #[must_use]")
        self.lines += function(f"pub fn {name}", parameters, result, body, "    ")

    def _call(
        self, about: str, name: str, parameters: list[str], result: str, function: str, *words: str
    ) -> None:
        self.used.add(function)
        self._method(
            about,
            "Those of libbpf; the sizes of the map aren't these.",
            name,
            [_MAP, *parameters],
            f"libbpf_rs::Result<{result}>",
            call(function, ["map", *words], "", _DEPTH),
        )

    def check(self, facts: MapFacts) -> None:
        """Write what compares a map with the facts."""
        key = f"{self._some}(Self::KEY_SIZE)" if facts.key_size is not None else self._none
        value = f"{self._some}(Self::VALUE_SIZE)" if facts.value_size is not None else self._none
        self.used.add("map_check")
        self._method(
            "Compares kind and sizes of `map` with what is declared.",
            "They differ.",
            "check",
            [_MAP],
            "libbpf_rs::Result<()>",
            call("map_check", ["map", "Self::MAP_TYPE", key, value], "", _DEPTH),
        )

    def plain(self, key: str, code: str, value: str, operations: frozenset[str]) -> None:
        """Write access to one value under each key."""
        self._call(
            "Returns a copy of the value of `key`, if there is one.",
            "lookup",
            [f"key: {key}"],
            f"{self._option}<{value}>",
            "map_lookup",
            code,
        )
        if "update" in operations:
            self._call(
                "Sets the value of `key`.",
                "update",
                [f"key: {key}", f"value: &{value}", _FLAGS],
                "()",
                "map_update",
                code,
                "value",
                "flags",
            )
        if "take" in operations:
            self._call(
                "Removes `key` and returns the value that it had (Linux 5.14).",
                "take",
                [f"key: {key}"],
                f"{self._option}<{value}>",
                "map_take",
                code,
            )
        if "walk" in operations:
            self._entries("value", key, value, "map_entries")

    def _entries(self, what: str, key: str, value: str, function: str) -> None:
        """Write the walk over the keys and *what* is there under each, of the type *value*."""
        self.used.add(function)
        key = key.removeprefix("&")
        item = f"libbpf_rs::Result<({key}, {value})>"
        result = f"impl {self._iterator}<Item = {item}> + '_"
        if len(result) == _LONG_RESULT + 1:
            result = f"impl {self._iterator}<Item = {item}>\n           + '_"
        elif len(result) > _LONG_RESULT:
            if len(f"        Item = {item},") > _LONG_ITEM:
                inside = f"\n            {key},\n            {value},\n        "
                item = f"libbpf_rs::Result<({inside})>"
            result = f"impl {self._iterator}<\n        Item = {item},\n    > + '_"
        self._method(
            f"Returns every key with its {what}; of a map that changes, some perhaps twice.",
            "",
            "entries",
            [_MAP],
            result,
            [f"{function}(map)"],
        )

    def per_cpu(self, key: str, value: str, operations: frozenset[str]) -> None:
        """Write access to a value for each CPU under each key."""
        self._call(
            "Returns the values of `key` by CPU, if there are any.",
            "lookup",
            [f"key: {key}"],
            f"{self._option}<{self._vec}<{value}>>",
            "map_lookup_by_cpu",
            "key",
        )
        if "update" in operations:
            self._call(
                "Sets the values of `key`, one for each possible CPU.",
                "update",
                [f"key: {key}", f"values: &[{value}]", _FLAGS],
                "()",
                "map_update_by_cpu",
                "key",
                "values",
                "flags",
            )
        if "walk" in operations:
            self._entries("values by CPU", key, f"{self._vec}<{value}>", "map_entries_by_cpu")

    def keyless(self, value: str, *, takes: bool) -> None:
        """Write access to values without keys: a queue, a stack, or with no *takes* a filter."""
        if not takes:
            self._call("Adds a value.", "insert", [f"value: &{value}"], "()", "map_insert", "value")
            self._call(
                "Returns whether `value` may have been added; `false` is certain.",
                "contains",
                [f"value: &{value}"],
                "bool",
                "map_contains",
                "value",
            )
            return
        self._call(
            "Adds a value.",
            "push",
            [f"value: &{value}", _FLAGS],
            "()",
            "map_push",
            "value",
            "flags",
        )
        some = f"{self._option}<{value}>"
        self._call("Removes the next value and returns it.", "pop", [], some, "map_pop")
        self._call("Returns a copy of the next value.", "peek", [], some, "map_peek")

    def descriptors(self, key: str, size: int | None, *, readable: bool) -> None:
        """Write access to what is written as a descriptor, and read as an id or a cookie."""
        wide = size == _COOKIE_SIZE
        if readable:
            what = "cookie" if wide else "id"
            self._call(
                f"Returns the {what} of what is at `key`, if there is something.",
                "lookup",
                [f"key: {key}"],
                f"{self._option}<{'u64' if wide else 'u32'}>",
                "map_lookup",
                "key",
            )
        self._call(
            "Puts what `value` is a descriptor of at `key`.",
            "update",
            [f"key: {key}", f"value: {_DESCRIPTOR}", _FLAGS],
            "()",
            "map_update",
            "key",
            "&wide_descriptor(value)" if wide else "&descriptor(value)",
            "flags",
        )
        self.used.add("wide_descriptor" if wide else "descriptor")

    def delete(self, key: str, code: str) -> None:
        """Write the removal of an element."""
        if code != "key":
            self.used.add("descriptor")
        self._call("Removes `key`.", "delete", [f"key: {key}"], "()", "map_delete", code)

    def keys(self, key: str) -> None:
        """Write the walk over the keys."""
        self.used.add("map_keys")
        self._method(
            "Returns every key; of a map that changes, some perhaps twice.",
            "",
            "keys",
            [_MAP],
            f"impl {self._iterator}<Item = {key}> + '_",
            ["map_keys(map)"],
        )

    def records(self, record: str, *, to_kernel: bool) -> None:
        """Write what makes a record of bytes, or sends one."""
        if to_kernel:
            self.used.add("ring_send")
            self._method(
                "Sends a record to the programs.",
                "The ring buffer is full.",
                "send",
                ["ring: &libbpf_rs::UserRingBuffer", f"record: &{record}"],
                "libbpf_rs::Result<()>",
                ["ring_send(ring, record)"],
            )
            return
        self._method(
            RECORD,
            "",
            "record",
            ["bytes: &[u8]"],
            f"{self._option}<{record}>",
            [f"{self._plain}::from_bytes(bytes)"],
        )
