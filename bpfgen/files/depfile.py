"""Rules for make and ninja, of what outputs were made from: the text of `--depfile`.

Beside `writing`; `commands.depfile` decides what is listed, and writes it.
"""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def depfile(outputs: Sequence[str], inputs: Sequence[str], dependencies: Iterable[str]) -> str:
    """Return one rule for make and ninja: *outputs* depend on *inputs* and *dependencies*.

    Each of the latter gets a rule of its own without a recipe: when an import is deleted, or the
    input renamed, make runs the recipe again instead of giving up. (`cc -MP` leaves the input out,
    and make then stumbles over its old name.) Names are written once. The colon of those rules has
    a blank after it: CMake before 3.23 takes it for a part of the name without. What would be
    a pattern as a target (`%`) gets no such rule.
    """
    names = list(dict.fromkeys((*inputs, *dependencies)))
    targets = " ".join(map(_make_name, dict.fromkeys(outputs)))
    listed = " \\\n  ".join(map(_make_name, names))
    own = (name for name in names if "%" not in name)
    return f"{targets}: {listed}\n" + "".join(f"\n{_make_name(name)}: \n" for name in own)


def depfile_fault(name: str) -> str:
    """Return why no depfile can hold *name*, as `has a line end`; empty if one can.

    make has no way to write these, and takes what has them for more than a name: `SHELL=x/y.dsl: `
    sets the variable, what follows `;` is a recipe, which it runs, `include` and a form feed read a
    file, and `.IGNORE: ` changes how all recipes are run (GNU make, read.c, eval). A backslash at
    the end joins the name with the next. make's own rules, of which `lib(member)` has one and
    `x.dsl` beside `x.dsl.sh`, hand a name to a shell as it is.
    """
    for character in name:
        if character in "\n\r":
            return "has a line end"
        if character < " " or character == "\x7f":
            return f"has the control character U+{ord(character):04X}"
        if character in "=;&|<>":
            return f"has a `{character}`"
    if "`" in name or "$(" in name:
        return "has what a shell would run"
    if name.endswith("\\"):
        return "ends in a backslash"
    if name.endswith(")") and "(" in name:
        return "is that of a member of an archive"
    if name.removeprefix("./") in _SPECIAL_TARGETS:
        return "is that of a special target of make"
    return ""


_SPECIAL_TARGETS = frozenset(
    ".PHONY .SUFFIXES .DEFAULT .PRECIOUS .INTERMEDIATE .NOTINTERMEDIATE .SECONDARY "
    ".SECONDEXPANSION .DELETE_ON_ERROR .IGNORE .LOW_RESOLUTION_TIME .SILENT .EXPORT_ALL_VARIABLES "
    ".NOTPARALLEL .ONESHELL .POSIX .WAIT .MAKE .NOEXPORT .BEGIN .END .INTERRUPT".split()
)
"""GNU make's, and those of other makes."""


def _make_name(name: str) -> str:
    """Return *name* as GNU make and ninja's depfile parser both read it.

    Blanks, `#` and `:` take a backslash, `$` is doubled, and of backslashes only those right before
    an escaped character are doubled: GNU make leaves the others alone (read.c, find_char_unquote).
    Nothing helps where one of them has no escape: `*`, `?` and `[` in make; quotes, `*` and `?` in
    ninja. What make would act on is refused before, see :func:`depfile_fault`.
    """
    parts: list[str] = ["./"] if name.startswith("~") else []  # make would look up a user
    backslashes = 0
    for character in name:
        if character in " #:":
            parts.append("\\" * (backslashes + 1))
        elif character == "$":
            parts.append("$")
        backslashes = backslashes + 1 if character == "\\" else 0
        parts.append(character)
    return "".join(parts)
