"""What is said where an output is for one variant of a source, and nothing says which."""

from __future__ import annotations

from bpfgen.text.diagnostics import Diagnostic, Subject

CODE = "when-undecided"


def undecided(names: tuple[str, ...], what: str) -> Diagnostic:
    """Return why there is no output, *what* it would be, before each of *names* is decided."""
    listed = [f"`{name}`" for name in names]
    macros = listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}"
    ways = [f"`-D {name}=VALUE` or `-U {name}`" for name in names]
    return Diagnostic(
        CODE,
        f"{_WHAT.get(what, what)} is for one variant of this source, which {macros} decide"
        f"{'s' if len(listed) == 1 else ''} about",
        None,
        notes=("a C header has all variants, and needs none of these",),
        help=f"add {', '.join(ways)}",
        subject=Subject("macro", names[0]),
    )


_WHAT = {
    "object": "an object",
    "json": "the JSON of a model",
    "go": "a file of Go",
    "rust": "a file of Rust",
    "python": "a file of Python",
}
