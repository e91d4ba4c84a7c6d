"""How long `bpfgen inspect` takes for all objects, against a C program that opens them.

Sixth of the corpus. Both are whole processes, and the yardstick is run beside bpfgen each time.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.corpus.sources import run
from tests.tools import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

AT_MOST = 4.0
"""The ratio that issue and README promise."""

ROUNDS = 5

YARDSTICK = """\
#include <stdio.h>
#include <bpf/libbpf.h>
static int quiet(enum libbpf_print_level level, const char *format, va_list arguments)
{
    (void)level, (void)format, (void)arguments;
    return 0;
}
int main(int count, char **paths)
{
    libbpf_set_print(quiet);
    for (int at = 1; at < count; at++) {
        struct bpf_object *object = bpf_object__open(paths[at]);
        struct bpf_map *map;
        if (!object)
            continue;
        bpf_object__for_each_map(map, object)
            printf("%s %u %u %u %u\\n", bpf_map__name(map), bpf_map__type(map),
                   bpf_map__key_size(map), bpf_map__value_size(map), bpf_map__max_entries(map));
        bpf_object__close(object);
    }
    return 0;
}
"""


def measure(objects: list[Path], directory: Path, libbpf: Path) -> tuple[float, float]:
    """Return the seconds of processor time of the yardstick and of bpfgen for *objects*.

    Each is the best of some rounds.
    """
    source, program = directory / "yardstick.c", directory / "yardstick"
    source.write_text(YARDSTICK)
    library = libbpf / "libbpf.so.1"
    run(
        [
            *("gcc", "-O2", "-w", "-I", directory / "include", source, "-o", program),
            *(library, f"-Wl,-rpath,{libbpf}", "-lelf", "-lz"),
        ]
    )
    # libbpf of this version refuses objects of the other byte order at once: no yardstick.
    paths = [str(path) for path in objects if path.parent.name != "eb"]
    start = "import sys; from bpfgen.cli import main; sys.exit(main())"  # as the installed script
    ours = [sys.executable, "-c", start, "inspect", "--format", "json", *paths]
    yardstick = min(_seconds([str(program), *paths]) for _ in range(ROUNDS))
    return yardstick, min(_seconds(ours) for _ in range(ROUNDS))


def _seconds(command: list[str]) -> float:
    environment = {
        name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
    }
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, cwd=CHECKOUT, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Of the process, not of the clock: the machine may have more to do.
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
