"""The object that a command is given; or what the file is instead, and what to type then."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from mmap import mmap

    from bpfgen.object.records import ObjectFile


class Unreadable(Record):
    """A file that is no object, or a broken one.

    Attributes:
        why: What is wrong, without the file's name.
        advice: What to type instead; empty where nothing helps.
    """

    why: str
    advice: str = ""


def opened(path: str, command: str, *, relax_compat: bool = False) -> ObjectFile | Unreadable:
    """Return the object in the file *path*, which *command* is to look at.

    Raises:
        OSError: The file can't be read.
    """
    from bpfgen.files.mapping import mapped

    return read(path, mapped(path), command, relax_compat=relax_compat)


def read(
    path: str, data: bytes | mmap, command: str, *, relax_compat: bool = False
) -> ObjectFile | Unreadable:
    """As :func:`opened`, of a file whose bytes are *data*."""
    from bpfgen.object import read_object
    from bpfgen.text.diagnostics import FormatError

    try:
        return read_object(data, relax_compat=relax_compat)
    except FormatError as error:
        return unreadable(path, data, command, error)


def unreadable(path: str, data: bytes | mmap, command: str, error: Exception) -> Unreadable:
    """Return why the file *path* with *data* is no object that can be read: *error*, or better."""
    from bpfgen.files.formats import ELF, EMPTY, format_of

    name = "standard input" if path == "-" else path
    format = format_of(name, data[: 1 << 16])
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
