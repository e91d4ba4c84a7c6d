"""The object that a command is given; or what the file is instead, and what to type then."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from bpfgen.object.records import ObjectFile
    from bpfgen.sources import Contents


class Unreadable(Record):
    """A file that is no object, or a broken one.

    Attributes:
        why: What is wrong, without the file's name.
        advice: What to type instead; empty where nothing helps.
    """

    why: str
    advice: str = ""


def opened(path: str, command: str, *, relax_compat: bool = False) -> ObjectFile | Unreadable:
    """Return the object in the file *path*, or the running map, which *command* is to look at.

    Raises:
        OSError: It can't be read.
    """
    return read(path, contents_of_object(path), command, relax_compat=relax_compat)


def contents_of_object(path: str) -> Contents:
    """Return what the file *path* holds, or what the kernel says of the running map.

    Raises:
        OSError: It can't be read.
    """
    from bpfgen.sources import running_at

    running = running_at(path)
    if running is not None:
        return running
    from bpfgen.files.mapping import mapped

    return mapped(path)


def read(
    path: str, contents: Contents, command: str, *, relax_compat: bool = False
) -> ObjectFile | Unreadable:
    """As :func:`opened`, of what holds *contents*."""
    from bpfgen.object import read_object
    from bpfgen.object.records import ObjectFile
    from bpfgen.text.diagnostics import FormatError

    if isinstance(contents, ObjectFile):
        return contents
    try:
        return read_object(contents, relax_compat=relax_compat)
    except FormatError as error:
        return unreadable(path, contents, command, error)


def unreadable(path: str, contents: Contents, command: str, error: Exception) -> Unreadable:
    """Return why *path*, with *contents*, is no object that can be read: *error*, or better."""
    from bpfgen.files.formats import ELF, EMPTY, format_of
    from bpfgen.object.records import ObjectFile

    if isinstance(contents, ObjectFile):
        return Unreadable(str(error))

    name = "standard input" if path == "-" else path
    format = format_of(name, contents[: 1 << 16])
    if format == ELF:
        return Unreadable(str(error))
    why = "not an ELF file: it is empty" if format == EMPTY else f"not an ELF file but a {format}"
    return Unreadable(why, _advice(name, format, command))


def _advice(name: str, format: str, command: str) -> str:
    """Return what to type where *command* is given a file of *format* for an object."""
    from bpfgen.files import formats

    stem = name.rpartition(".")[0] or name
    if format == formats.SOURCE:
        if command == "import":
            return f"it is what `import` writes; `bpfgen {name} -o {stem}.h` compiles it"
        return f"compile it first: `bpfgen {name} -o {stem}.o`"
    if format == formats.C:
        if command == "import":
            return "C is read from files whose names end in `.c` or `.h`"
        return f"compile it first: `clang -g -O2 -target bpf -c {name} -o {stem}.o`"
    if format == formats.JSON:
        return "JSON is written and never read; name the object or the source that it was made from"
    if format == formats.ARCHIVE:
        return f"name one of the objects in it: `ar x {name}` takes them out"
    if format == formats.BITCODE:
        return "compile it without `-flto` and `-emit-llvm`, or give it to `llc -march=bpf`"
    if format == formats.BTF:
        return "BTF by itself has types and no maps"
    if format == formats.COMPRESSED:
        return "decompress it first"
    return "an object is what `clang -g -O2 -target bpf -c prog.bpf.c -o prog.o` writes"
