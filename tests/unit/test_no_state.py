"""The package keeps nothing of one compilation for the next, nor for one beside it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from sys import getswitchinterval, setswitchinterval
from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import Options, compile, emit
from bpfgen.emit.c.header import emit_anchored_unit
from bpfgen.emit.c.options import INITIALIZER, MODERN, HeaderOptions
from bpfgen.text.source import Source
from tests.samples import GOOD, SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = [name for name in GOOD if "import" not in name][:12]
THREADS = 4


@pytest.fixture
def many_switches() -> Iterator[None]:
    """Let threads take turns after some ten instructions, not after milliseconds."""
    interval = getswitchinterval()
    setswitchinterval(1e-6)
    yield
    setswitchinterval(interval)


def outputs(name: str, style: str) -> tuple[object, ...]:
    """Return everything that is made of the sample *name* without clang."""
    text = (SAMPLES / name).read_text(encoding="utf-8")
    options = Options(style=style)
    compilation = compile(Source(name, text), options)
    unit = emit_anchored_unit(compilation.model, HeaderOptions(style))
    return (
        emit(compilation, options),
        # Of a source with variants there is a header, and nothing else without -D.
        [] if compilation.undecided else emit(compilation, options, "json"),
        [variant.assignment for variant in compilation.variants],
        unit.text,
        [(line, span.line) for line, span in unit.places],
        [(found.code, found.message) for found in compilation.diagnostics],
    )


@pytest.mark.usefixtures("many_switches")
def test_compilations_in_threads_give_what_each_gives_alone() -> None:
    """Two compilations that take turns know nothing of each other."""
    jobs = [(name, style) for name in NAMES for style in (MODERN, INITIALIZER)]
    alone = {job: outputs(*job) for job in jobs}
    with ThreadPoolExecutor(THREADS) as pool:
        rounds = [pool.submit(outputs, *job) for job in jobs + jobs[::-1]]
        together = [future.result() for future in rounds]
    assert together == [alone[job] for job in jobs + jobs[::-1]]


def test_the_order_of_compilations_is_of_no_account() -> None:
    """What was compiled before, in another style or of another file, leaves nothing."""
    jobs = [(name, style) for style in (MODERN, INITIALIZER) for name in NAMES]
    assert [outputs(*job) for job in jobs] == [outputs(*job) for job in reversed(jobs)][::-1]
