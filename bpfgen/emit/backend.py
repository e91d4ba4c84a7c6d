"""What a backend is, what it makes, and what it can be asked for."""

from __future__ import annotations

from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bpfgen.model.model import Model

MODERN = "modern"
"""`__uint(type, …); __type(key, …);`: libbpf's macros, all in BTF."""

INITIALIZER = "initializer"
"""`int type; … = { .type = … }`: the form of the commit that introduced BTF-defined maps."""

STYLES = (MODERN, INITIALIZER)
"""The values of `--style`."""


class HeaderOptions(Record):
    """How a header is to be written.

    Attributes:
        style: One of :data:`STYLES`.
    """

    style: str = MODERN


class OutputFile(Record):
    """One file to be written: *name* without a directory, and its whole *text*."""

    name: str
    text: str


class Backend(Record):
    """One output language.

    Attributes:
        name: As `--emit` has it.
        suffix: Of the files it makes, with the dot.
        module: Where its `emit(model, options)` is; imported when the backend is first used.
    """

    name: str
    suffix: str
    module: str

    def emit(self, model: Model, options: HeaderOptions) -> Iterator[OutputFile]:
        """Yield the files that *model* comes to; nothing is written."""
        # importlib costs a millisecond that a process which never gets here needn't pay.
        module = __import__(self.module, fromlist=("emit",))
        emit: Callable[[Model, HeaderOptions], str] = module.emit
        yield OutputFile(f"{stem(model.name)}{self.suffix}", emit(model, options))


def base_name(path: str) -> str:
    """Return the last component of *path*: outputs never tell a directory."""
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2]


def stem(path: str) -> str:
    """Return the file name of *path* without `.dsl`; `stdin` for standard input."""
    name = base_name(path).removesuffix(".dsl")
    return name.strip("<>") or "stdin"
