"""`--depfile`: the rule for make or ninja, as a file."""

from __future__ import annotations

import errno
import os

from bpfgen.commands import WRONG
from bpfgen.commands.delivery import cannot, has_made_directory, put
from bpfgen.files.depfile import depfile, depfile_fault
from bpfgen.record import TYPE_CHECKING, Record
from bpfgen.sources import is_file, names_running

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bpfgen.commands.products import Product
    from bpfgen.commands.terminal import Terminal


class Rule(Record):
    """What depends on what: *outputs* on *inputs* and on *dependencies*, each named as typed."""

    outputs: list[str]
    inputs: list[str]
    dependencies: list[str]


def rule_of(products: Sequence[Product], target: str | None) -> Rule:
    """Return what all of *products* depend on; *target* stands for them, unless it is None."""
    inputs = [product.job.input for product in products]
    return Rule(
        [name for product in products for name in product.job.files]
        if target is None
        else [target],
        [name for name in inputs if is_file(name) and not names_running(name)],
        [name for product in products for name in product.dependencies],
    )


def refuse_missing_directory(terminal: Terminal, path: str, out_dir: str | None) -> bool:
    """Report that the directory of *path* is not there, and none that the outputs may bring.

    Return whether that is so.
    """
    if _is_below(path, out_dir) or os.path.isdir(os.path.dirname(path) or "."):
        return False
    cannot(terminal, "write", path, FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)))
    return True


def write_depfile(terminal: Terminal, path: str, rule: Rule, out_dir: str | None) -> int:
    """Write *rule* to the file *path*; return the status."""
    for name in (*rule.outputs, *rule.inputs, *rule.dependencies):
        wrong = depfile_fault(name)
        if wrong:
            message = f"cannot write `{path}`: no depfile can hold `{name}`: its name {wrong}"
            terminal.error("file", message, help="rename it, or the directory that has it")
            return WRONG
    data = os.fsencode(depfile(rule.outputs, rule.inputs, rule.dependencies))
    if _is_below(path, out_dir) and not has_made_directory(terminal, path):
        return WRONG
    return put(terminal, [(path, data)], is_verbose=False)


def _is_below(path: str, out_dir: str | None) -> bool:
    """Whether *path* is in the directory that the outputs go to, or below it."""
    if out_dir is None:
        return False
    below = os.path.abspath(out_dir).rstrip("/") + "/"
    return os.path.abspath(path).startswith(below)
