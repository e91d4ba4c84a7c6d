"""Names of C as names of Go, in the way of bpf2go, so that programs can change over.

Source: internal/output.go of cilium/ebpf, Identifier; btf/format.go, for enumerators.
"""

from __future__ import annotations

from bpfgen.emit.backend import OUTPUT_NAME
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.diagnostics import Diagnostic

if TYPE_CHECKING:
    from bpfgen.emit.user_space.names import Names
    from bpfgen.text.source import Span


def exported(name: str) -> str:
    """Return *name* with a capital at its start and without most underscores.

    An underscore goes, and the letter after it becomes a capital, at the start and after a small
    letter or a digit; after a capital it stays: `flow_key` is `FlowKey`, `MAX_FLOWS` as it is. What
    no identifier of C has goes, too. The result may be empty, or begin with a
    digit.
    """
    if name.isascii() and name.isalnum():
        return name[:1].upper() + name[1:]
    letters: list[str] = []
    previous = ""
    for character in name:
        if not (character.isascii() and (character.isalnum() or character == "_")):
            continue
        if character == "_":
            if not previous or previous.islower() or previous.isdigit():
                previous = ""
                continue
        elif not previous:
            letters.append(character.upper())
            previous = letters[-1]
            continue
        letters.append(character)
        previous = character
    return "".join(letters)


def unexported(name: str) -> str:
    """Return the exported *name* with a small letter at its start."""
    return name[:1].lower() + name[1:]


def joined(*words: str) -> str:
    """Return the name that is made of *words*, each :func:`exported`.

    One that would begin with a digit gets an X; where nothing is left of all words it is empty.
    """
    name = "".join(map(exported, words))
    return f"X{name}" if name[:1].isdigit() else name


def quoted(text: str) -> str:
    """Return *text* as a string of Go; bytes that are no UTF-8 stay what they are."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    parts = []
    for character in text:
        code = ord(character)
        if 0xDC80 <= code <= 0xDCFF:  # how Python keeps such a byte
            parts.append(f"\\x{code - 0xDC00:02x}")
        elif character in '"\\':
            parts.append(f"\\{character}")
        elif character.isascii() and character.isprintable():
            parts.append(character)
        else:
            parts.append(f"\\U{code:08x}")
    return f'"{"".join(parts)}"'


def claim_exported(
    scope: Names,
    name: str,
    c_name: str,
    subject: str,
    span: Span | None,
    *,
    gives_way: bool = False,
) -> str:
    """Return *name*, which is taken in *scope* from now on.

    Where Go can't have it, or has it already, that is a diagnostic of *scope*; or it gets
    underscores.

    Args:
        scope: The package, or the members and methods of a type.
        name: What :func:`exported` or :func:`joined` made of C's name.
        c_name: The name in C.
        subject: What it is the name of, as a message calls it.
        span: Where the source declares it.
        gives_way: Nobody can rename it: a C header has it, or an object.
    """
    if gives_way:
        return scope.free(name or "X")
    if name:
        return scope.claim(name, subject, span)
    scope.diagnostics.append(
        Diagnostic(
            OUTPUT_NAME,
            f"{subject} has no name in Go, where `{c_name}` would be without its underscores",
            span,
            label="no letter or digit is in it",
            help="give it a name with a letter",
        )
    )
    return scope.free("X")
