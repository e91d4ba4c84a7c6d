"""Files in, files out, and temporary files that outlive no killed process."""

SUFFIXES = (".dsl", ".bpfmap")
"""What the names of files of the language end in; what bpfgen writes itself has the first.

`.dsl` is anybody's: an editor takes such a file for one of the language where
:func:`bpfgen.files.formats.is_source_text` says so of what it begins with.
"""


def is_source_name(path: str) -> bool:
    """Return whether *path* ends as files of the language do."""
    return path.endswith(SUFFIXES)


def without_suffix(path: str) -> str:
    """Return *path* without that ending, if it has it: what is generated has another one there."""
    for suffix in SUFFIXES:
        if path.endswith(suffix):
            return path.removesuffix(suffix)
    return path


ELFMAG = b"\x7fELF"
"""What an ELF file begins with (<elf.h>)."""

ID, NAME = "id:", "name:"
"""How a word begins that names a map of the running kernel, and is no path."""
