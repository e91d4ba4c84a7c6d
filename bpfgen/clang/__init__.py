"""The C compiler: finding it, running it with flags that have their reasons, reading what it says.

C text goes in, an object comes out as bytes; what clang complains about comes out as messages, and
as diagnostics at the `.dsl` line. Nothing here knows the model. What a run ends with where there is
no compiler stands in this file, since every run imports it.
"""

from __future__ import annotations

TARGETS = ("bpf", "bpfel", "bpfeb")
"""What `--target` takes: `bpf` has the byte order of the machine that compiles."""

CLANG, BUILTIN = "clang", "builtin"
ASSEMBLERS = (CLANG, BUILTIN)
"""What `--assembler` takes: who makes an object of a model, clang or :mod:`bpfgen.assemble`."""

INSTALL_HINT = "install one with `apt install clang` or `pip install ziglang`"


class ToolMissing(Exception):  # noqa: N818 -- not an error of the program but of the machine
    """A tool that is needed is not there; exit status 3. Its text is the sentence to print.

    Attributes:
        named: The user named it, so that doing without it is no option.
    """

    def __init__(self, sentence: str, *, named: bool = False) -> None:
        super().__init__(sentence)
        self.named = named


class NoTemporaryFile(OSError):  # noqa: N818 -- an error of the machine, too
    """A compiler's text has no place; `strerror` is the sentence to print, and names TMPDIR."""

    def __init__(self, error: OSError, directory: str) -> None:
        reason = error.strerror or str(error)
        sentence = (
            f"{reason} in `{directory}`, where the compiler's files are while it runs; "
            "TMPDIR names another directory"
        )
        super().__init__(error.errno, sentence)
