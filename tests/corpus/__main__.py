"""`python -m tests.corpus`: build the corpus, hold bpfgen against libbpf, tell the figures."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.corpus.build import Toolchain, build
from tests.corpus.compare import compare, compare_twins
from tests.corpus.round_trip import come_back
from tests.corpus.sources import UnpreparedError, build_libbpf, fetch, prepare_headers
from tests.corpus.speed import AT_MOST, measure
from tests.tools import CHECKOUT, find

if TYPE_CHECKING:
    from tests.corpus.compare import Compared

DIRECTORY = CHECKOUT / "build" / "corpus"

PART = (
    "arena_htab",
    "arena_list",
    "bloom_filter_map",
    "bpf_flow",
    "bpf_iter_bpf_sk_storage_map",
    "btf__core_reloc_arrays",
    "cgrp_ls_recursion",
    "core_kern",
    "cpumask_success",
    "dynptr_success",
    "for_each_array_map_elem",
    "get_func_ip_test",
    "htab_reuse",
    "ima",
    "kptr_xchg_inline",
    "linked_list",
    "linked_maps1",
    "linked_maps2",
    "local_storage",
    "lru_bug",
    "map_in_map_btf",
    "map_kptr",
    "map_kptr_fail",
    "map_percpu_stats",
    "map_ptr_kern",
    "netif_receive_skb",
    "normal_map_btf",
    "percpu_alloc_array",
    "pyperf50",
    "rbtree",
    "refcounted_kptr",
    "sockmap_parse_prog",
    "strobemeta",
    "struct_ops_module",
    "syscall",
    "tailcall1",
    "task_local_storage",
    "test_btf_map_in_map",
    "test_btf_newkv",
    "test_legacy_printk",
    "test_lookup_key",
    "test_map_in_map",
    "test_map_lock",
    "test_map_ops",
    "test_pinning",
    "test_pinning_invalid",
    "test_prog_array_init",
    "test_queue_map",
    "test_ringbuf_multi",
    "test_sk_assign",
    "test_sk_storage_tracing",
    "test_sockmap_listen",
    "test_stacktrace_build_id",
    "test_static_linked1",
    "test_static_linked2",
    "test_tcpbpf_kern",
    "test_tunnel_kern",
    "timer",
    "user_ringbuf_success",
    "verifier_map_in_map",
    "verifier_prevent_map_lookup",
    "wq",
    "xdp_redirect_map",
    "xdp_synproxy_kern",
)
"""The programs of the part that runs in CI: every kind of map, every shape of a definition."""


TABLES = {
    "inspect": ("objects", "maps", "types", "refused", "different"),
    "import": ("imported", "returned", "told", "changed", "edits", "warnings"),
}
"""The figures: inspect against libbpf; import and back, the edits that verify has noticed, and
the warnings that compiling the sources gives."""


def main() -> int:
    """Return 0 where nothing differs, 1 where something does, 3 where the corpus can't be made."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    parser.add_argument("--install", action="store_true", help="fetch the sources with apt-get")
    parser.add_argument("--part", action="store_true", help="a fixed part that takes a minute")
    parser.add_argument("--directory", type=Path, default=DIRECTORY)
    arguments = parser.parse_args()
    try:
        return _run(arguments.directory, install=arguments.install, part=arguments.part)
    except UnpreparedError as error:
        print(f"no corpus: {error}", file=sys.stderr)
        return 3


def _run(directory: Path, *, install: bool, part: bool) -> int:
    tools = {name: find(name) for name in ("clang-19", "bpftool", "llvm-strip-19", "gcc")}
    absent = [name for name, path in tools.items() if path is None]
    if absent:
        raise UnpreparedError(f"{', '.join(absent)} is missing")
    tree = fetch(directory, install=install)
    libbpf = build_libbpf(tree, directory, tools["gcc"] or "")
    _with_library(libbpf)
    toolchain = Toolchain(
        tools["clang-19"] or "",
        tools["bpftool"] or "",
        tools["llvm-strip-19"] or "",
        tree,
        prepare_headers(tree, directory, tools["bpftool"] or ""),
    )
    built = build(toolchain, directory / "objects", only=PART if part else ())
    for name, why in built.failed.items():
        print(f"not built: {name}: {why}")
    counts: dict[str, Counter[str]] = {}
    for path in built.objects:
        compared = _compared(path)
        for difference in compared.differences:
            print(f"{path.parent.name}/{path.name}: {difference}")
        returned = come_back(path.read_bytes(), path.name)
        for difference in returned.differences:
            print(f"{path.parent.name}/{path.name}: import: {difference}")
        counts.setdefault(path.parent.name, Counter()).update(
            objects=1,
            maps=compared.maps,
            types=compared.types,
            refused=compared.refused,
            different=bool(compared.differences),
            imported=bool(returned.maps),
            returned=bool(returned.maps and not returned.told and not returned.differences),
            told=bool(returned.told and not returned.differences),
            edits=returned.edits,
            warnings=returned.warnings,
            changed=bool(returned.differences),
        )
    for title, columns in TABLES.items():
        print(f"{title:10}{''.join(f'{column:>11}' for column in columns)}")
        for form, count in counts.items():
            print(f"{form:10}{''.join(f'{count[column]:11}' for column in columns)}")
    slow = False
    if not part:
        yardstick, ours = measure(built.objects, directory, libbpf)
        slow = ours > AT_MOST * yardstick
        print(f"inspect: {ours:.2f} s, libbpf: {yardstick:.2f} s, ratio {ours / yardstick:.1f}")
    different = sum(count["different"] + count["changed"] for count in counts.values())
    return 1 if different or slow or not built.objects else 0


def _compared(path: Path) -> Compared:
    if path.parent.name != "eb":
        return compare(path.read_bytes())
    twin = path.parent.parent / "el" / path.name
    return compare_twins(twin.read_bytes(), path.read_bytes())


def _with_library(directory: Path) -> None:
    """Start again with libbpf of *directory*, unless this process has been started so."""
    given = os.environ.get("LD_LIBRARY_PATH", "")
    if str(directory) in given.split(":"):
        return
    os.environ["LD_LIBRARY_PATH"] = f"{directory}:{given}" if given else str(directory)
    sys.stdout.flush()
    words = [sys.executable, "-m", "tests.corpus", *sys.argv[1:]]
    os.execv(sys.executable, words)  # noqa: S606 -- this very program, with another library


if __name__ == "__main__":
    sys.exit(main())
