"""The methods of typed access: what user space can do with a map of each kind.

A lookup hands pointers to the library, which makes their targets escape. They point into a buffer
that the next call uses again, so that no call allocates (sync.Pool; internal/sysenc of cilium/ebpf
copies such a type without reflection, since it has no padding of its own and no private fields).
"""

from __future__ import annotations

from bpfgen.emit.go.facts import record_type, subject_of_map
from bpfgen.emit.go.layout import Line, columns
from bpfgen.emit.go.methods import Method
from bpfgen.emit.go.naming import unexported
from bpfgen.emit.go.package import ERRORS, IO, ITER, SYNC, UNSAFE
from bpfgen.kernel.map_operations import COOKIE, MAP, PROGRAM
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.emit.go.methods import Methods
    from bpfgen.emit.go.package import Package
    from bpfgen.emit.user_space.facts import MapFacts
    from bpfgen.kernel.map_operations import MapOperations

_NOT_THERE = "the error is ebpf.ErrKeyNotExist where there is none"
_COOKIE_SIZE = 8
_SOCKET_SIZES = {4: "uint32", 8: "uint64"}
_WITHOUT_ACCESS = frozenset(("struct_ops",))
"""Kinds whose values are filled in by libraries, never by programs of their own."""


class Access(Record):
    """A map whose type is being written.

    Attributes:
        wrapper: The name of that type.
        label: How messages and comments call the map.
        outer: What the names of its facts begin with; for an inner map, those of what holds it.
        owner: The map itself, or for an inner map what holds it.
        key: The type of its keys; empty where there are none, or nothing is known of them.
        value: The same of its values.
    """

    wrapper: str
    label: str
    outer: str
    owner: MapFacts
    facts: MapFacts
    operations: MapOperations
    key: str
    value: str

    @property
    def buffer(self) -> str:
        """The name of the type that a call puts key and value into."""
        return f"{unexported(self.wrapper)}Buffer"

    @property
    def key_parameter(self) -> str:
        """The parameter that is the key, or the descriptor that stands for it."""
        return "fd int" if self.operations.key_of else f"key {self.key}"

    @property
    def key_argument(self) -> str:
        """The key that is made of that."""
        return f"{self.key}(fd)" if self.operations.key_of else "key"


def write_operations(methods: Methods, access: Access) -> str:
    """Write what can be done with the map; return the declaration of its buffer, if it has one."""
    operations, facts = access.operations, access.facts
    if facts.kind.name in _WITHOUT_ACCESS or (facts.kind.keyless and not access.value):
        return ""
    if not facts.kind.keyless and not access.key:
        return ""
    if operations.value_of in {MAP, PROGRAM}:
        _write_descriptors(methods, access)
        return ""
    if operations.value_of:
        _write_files(methods, access)
        return ""
    if not access.value:
        return ""
    if facts.kind.per_cpu:
        _write_per_cpu(methods, access)
        return ""
    if facts.kind.keyless:
        _write_keyless(methods, access)
    else:
        _write_values(methods, access)
    return _buffer(methods.package, access) if methods.texts else ""


def _buffer(package: Package, access: Access) -> str:
    package.use(SYNC)
    for name in (access.buffer, f"{access.buffer}s"):
        package.scope.claim(name, subject_of_map(access.owner), access.owner.span)
    lines = [Line(("value", access.value))]
    if not access.facts.kind.keyless:
        lines.insert(0, Line(("key", access.key)))
    return (
        f"\ntype {access.buffer} struct {{\n{columns(lines)}}}\n\n"
        f"var {access.buffer}s = sync.Pool{{New: func() any {{\n"
        f"\treturn new({access.buffer})\n}}}}\n"
    )


def _borrowed(access: Access, *fills: str) -> tuple[str, ...]:
    """Return the lines that take a buffer, and fill it."""
    return (
        f"b := {access.buffer}s.Get().(*{access.buffer})",
        f"defer {access.buffer}s.Put(b)",
        *fills,
    )


def _reader(access: Access, call: str, *fills: str) -> tuple[str, ...]:
    """Return the body of a method that returns the value that *call* puts into the buffer."""
    return (
        *_borrowed(access, *fills),
        f"if err := m.Map.{call}; err != nil {{",
        f"\tvar none {access.value}",
        "\treturn none, err",
        "}",
        "return b.value, nil",
    )


def _write_values(methods: Methods, access: Access) -> None:
    """Write the methods of a map with a key and a value."""
    operations, value = access.operations, access.value
    whose = "the value of what fd is" if operations.key_of else "the value under key"
    key = access.key_parameter
    fill = f"b.key = {access.key_argument}"
    result = f"({value}, error)"
    if operations.lookup:
        body = _reader(access, "Lookup(&b.key, &b.value)", fill)
        methods.write(Method("Lookup", f"returns {whose}; {_NOT_THERE}", key, result, body))
    if operations.take:
        body = _reader(access, "LookupAndDelete(&b.key, &b.value)", fill)
        about = f"returns {whose} and removes it; {_NOT_THERE}"
        methods.write(Method("LookupAndDelete", about, key, result, body))
    if operations.update:
        name = "fd" if operations.key_of else "key"
        put = (f"return m.Update({name}, value, ebpf.UpdateAny)",)
        parameters = f"{key}, value {value}"
        methods.write(Method("Put", f"sets {whose}", parameters, "error", put))
        body = (
            *_borrowed(access, fill, "b.value = value"),
            "return m.Map.Update(&b.key, &b.value, flags)",
        )
        parameters += ", flags ebpf.MapUpdateFlags"
        about = f"sets {whose} if flags allow it"
        methods.write(Method("Update", about, parameters, "error", body))
    if operations.delete:
        body = (*_borrowed(access, fill), "return m.Map.Delete(&b.key)")
        methods.write(Method("Delete", f"removes {whose}; {_NOT_THERE}", key, "error", body))
    if operations.walk and operations.lookup:
        _write_walk(methods, access, "value", value)


def _write_walk(methods: Methods, access: Access, name: str, type: str) -> None:
    methods.package.use(ITER)
    methods.write(
        Method(
            "All",
            "yields the entries once; after that, the function returns the error that ended it",
            "",
            f"(iter.Seq2[{access.key}, {type}], func() error)",
            (
                "entries := m.Map.Iterate()",
                f"return func(yield func({access.key}, {type}) bool) {{",
                f"\tvar key {access.key}",
                f"\tvar {name} {type}",
                f"\tfor entries.Next(&key, &{name}) {{",
                f"\t\tif !yield(key, {name}) {{",
                "\t\t\treturn",
                "\t\t}",
                "\t}",
                "}, entries.Err",
            ),
        )
    )


def _write_per_cpu(methods: Methods, access: Access) -> None:
    """Write the methods of a map with a value on each CPU."""
    operations, values = access.operations, f"[]{access.value}"
    key = f"key {access.key}"
    each = "the values under key, one for each possible CPU"

    def body(call: str) -> tuple[str, ...]:
        return (
            f"var values {values}",
            f"if err := m.Map.{call}(&key, &values); err != nil {{",
            "\treturn nil, err",
            "}",
            "return values, nil",
        )

    result = f"({values}, error)"
    about = f"returns {each}; {_NOT_THERE}"
    methods.write(Method("Lookup", about, key, result, body("Lookup")))
    if operations.take:
        about = f"returns {each}, and removes them; {_NOT_THERE}"
        methods.write(Method("LookupAndDelete", about, key, result, body("LookupAndDelete")))
    about = f"sets {each}, to 0 on those that values doesn't reach"
    parameters = f"{key}, values {values}"
    methods.write(Method("Put", about, parameters, "error", ("return m.Map.Put(&key, values)",)))
    parameters += ", flags ebpf.MapUpdateFlags"
    about = f"sets {each}, if flags allow it"
    update = ("return m.Map.Update(&key, values, flags)",)
    methods.write(Method("Update", about, parameters, "error", update))
    if operations.delete:
        about = f"removes the values under key; {_NOT_THERE}"
        methods.write(Method("Delete", about, key, "error", ("return m.Map.Delete(&key)",)))
    if operations.walk:
        _write_walk(methods, access, "values", values)


def _write_keyless(methods: Methods, access: Access) -> None:
    """Write the methods of a queue or stack, or of a filter that only says what may be in it."""
    value, result = f"value {access.value}", f"({access.value}, error)"
    fill = _borrowed(access, "b.value = value")
    push = (*fill, "return m.Map.Update(nil, &b.value, flags)")
    plain = "ebpf.UpdateAny)"
    if access.operations.take:
        about = f"returns the next value, which stays; {_NOT_THERE}"
        peek, pop = "Lookup(nil, &b.value)", "LookupAndDelete(nil, &b.value)"
        methods.write(Method("Peek", about, "", result, _reader(access, peek)))
        about = f"returns the next value and removes it; {_NOT_THERE}"
        methods.write(Method("Pop", about, "", result, _reader(access, pop)))
        once = (f"return m.Update(value, {plain}",)
        methods.write(Method("Push", "adds a value", value, "error", once))
        about = "adds a value; with ebpf.UpdateExist the oldest gives way to it in a full map"
        parameters = f"{value}, flags ebpf.MapUpdateFlags"
        methods.write(Method("Update", about, parameters, "error", push))
        return
    body = (
        *fill,
        "err := m.Map.Lookup(nil, &b.value)",
        "if errors.Is(err, ebpf.ErrKeyNotExist) {",
        "\treturn false, nil",
        "}",
        "return err == nil, err",
    )
    methods.package.use(ERRORS)
    methods.write(
        Method(
            "Contains", "returns whether value may have been added", value, "(bool, error)", body
        )
    )
    add = (*fill, f"return m.Map.Update(nil, &b.value, {plain}")
    methods.write(Method("Add", "adds a value", value, "error", add))


def _write_descriptors(methods: Methods, access: Access) -> None:
    """Write the methods of a map of maps or of programs."""
    name, type = ("inner", "*ebpf.Map")
    what = "the map under key, opened by its id, to be closed by the caller"
    if access.operations.value_of == PROGRAM:
        name, type = ("program", "*ebpf.Program")
        what = what.replace("map", "program")
    key = f"key {access.key}"
    body: tuple[str, ...] = (
        f"var {name} {type}",
        f"if err := m.Map.Lookup(&key, &{name}); err != nil {{",
        "\treturn nil, err",
        "}",
        f"return {name}, nil",
    )
    about = f"returns {what}; {_NOT_THERE}"
    methods.write(Method("Lookup", about, key, f"({type}, error)", body))
    body = (f"return m.Map.Put(&key, {name})",)
    methods.write(Method("Put", f"puts {name} under key", f"{key}, {name} {type}", "error", body))
    _write_delete(methods, key)


def _write_files(methods: Methods, access: Access) -> None:
    """Write the methods of a map whose values are descriptors of sockets, cgroups or events."""
    value = _SOCKET_SIZES.get(access.facts.value_size or 0, "")
    key = f"key {access.key}"
    what = f"the {access.operations.value_of}"
    if value:
        body: tuple[str, ...] = (f"return m.Map.Put(&key, {value}(fd))",)
        about = f"puts {what} that fd is open on under key"
        methods.write(Method("Put", about, f"{key}, fd int", "error", body))
    if (
        access.operations.lookup_gives == COOKIE
        and access.facts.value_size == _COOKIE_SIZE
        and access.operations.lookup
    ):
        body = (
            "var cookie uint64",
            "err := m.Map.Lookup(&key, &cookie)",
            "return cookie, err",
        )
        about = f"returns the cookie of {what} under key; {_NOT_THERE}"
        methods.write(Method("Lookup", about, key, "(uint64, error)", body))
    _write_delete(methods, key)


def _write_delete(methods: Methods, key: str) -> None:
    about = f"removes what is under key; {_NOT_THERE}"
    methods.write(Method("Delete", about, key, "error", ("return m.Map.Delete(&key)",)))


def write_decoder(methods: Methods, access: Access) -> None:
    """Write the method that makes a record of the bytes that a reader gives."""
    record = record_type(methods.package, access.facts)
    if not record or access.operations.records not in {"ringbuf", "perf"}:
        return
    methods.package.use(IO)
    methods.package.use(UNSAFE)
    methods.write(
        Method(
            "Decode",
            "returns the record that sample, the RawSample of what a reader read, begins with",
            "sample []byte",
            f"({record}, error)",
            (
                f"var record {record}",
                "if len(sample) < int(unsafe.Sizeof(record)) {",
                '\treturn record, fmt.Errorf("%s: a record of %d bytes, not %d: %w",',
                f"\t\t{access.outer}Name, len(sample), unsafe.Sizeof(record), io.ErrUnexpectedEOF)",
                "}",
                "whole := unsafe.Slice((*byte)(unsafe.Pointer(&record)), unsafe.Sizeof(record))",
                "copy(whole, sample)",
                "return record, nil",
            ),
            needs_receiver=False,
        )
    )
