"""Generated headers against every clang, mode and set of kernel headers they may meet.

What a header came to is asked of the compiler itself: the assertions of `CHECKS` have numbers
written by hand.
"""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import Options, compile
from bpfgen.emit.c.header import emit_anchored_unit, emit_header
from bpfgen.emit.c.options import HeaderOptions
from bpfgen.text.source import Source
from tests.compiled import COMPILERS
from tests.conformance.header_runs import (
    CHECKS,
    INCLUDED,
    SOURCE,
    btf_dump,
    header,
    imitate_uapi,
    libbpf_headers,
    run,
    system_headers,
    vmlinux,
)
from tests.samples import GOOD, compiled
from tests.tools import newest, require

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("mode", ["gnu11", "gnu2x"])
def test_with_the_headers_of_the_machine(compiler: str, mode: str, tmp_path: Path) -> None:
    """GNU C takes types and macros from the kernel's and libbpf's headers."""
    text = INCLUDED + INCLUDED + CHECKS
    text += "#ifndef __BPF_HELPERS__\n#error libbpf's header was not used\n#endif\n"
    run(compiler, tmp_path, text, [f"-std={mode}", *libbpf_headers()])


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("mode", ["c11", "c2x"])
def test_strict_modes_use_our_macros(compiler: str, mode: str, tmp_path: Path) -> None:
    """Strict C, where libbpf's header doesn't compile, still takes the kernel's types."""
    text = INCLUDED + CHECKS + "#ifdef __BPF_HELPERS__\n#error\n#endif\n"
    run(compiler, tmp_path, text, [f"-std={mode}", *system_headers()])


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("mode", ["gnu11", "c11", "c2x"])
def test_without_any_header(compiler: str, mode: str, tmp_path: Path) -> None:
    """With neither the kernel's nor libbpf's headers the file brings all it needs."""
    text = INCLUDED + CHECKS + INCLUDED
    # What stood in for the kernel's names is gone behind the header: vmlinux.h may follow.
    text += "enum { BPF_MAP_TYPE_HASH = 1, BPF_F_NO_PREALLOC = 1, LIBBPF_PIN_BY_NAME = 1 };\n"
    run(compiler, tmp_path, text, [f"-std={mode}", "-nostdinc"])


@pytest.mark.parametrize("compiler", COMPILERS)
def test_without_the_multiarch_directory(compiler: str, tmp_path: Path) -> None:
    """Where linux/bpf.h is found and asm/types.h is not, our own types serve."""
    system_headers()
    run(compiler, tmp_path, INCLUDED + CHECKS, ["-nostdinc", "-isystem", "/usr/include"])


@pytest.mark.parametrize("compiler", COMPILERS)
def test_after_vmlinux_h(compiler: str, tmp_path: Path) -> None:
    """After vmlinux.h all types are the kernel's own, and libbpf's macros serve."""
    flags = [*libbpf_headers(), "-Wno-missing-declarations", "-Wno-ignored-attributes"]
    (tmp_path / "vmlinux.h").write_text(vmlinux(), encoding="utf-8")
    tag = "struct bpf_res_spin_lock {"
    lacks = [] if tag in vmlinux() else ["-DBPFGEN_HAVE_BPF_RES_SPIN_LOCK=0"]
    for name, macro in (("bpf_wq", "BPF_WQ"), ("bpf_task_work", "BPF_TASK_WORK")):
        if f"struct {name} {{" not in vmlinux():
            lacks.append(f"-DBPFGEN_HAVE_{macro}=0")
    text = '#include "vmlinux.h"\n' + INCLUDED + INCLUDED
    # The kernel's bpf_res_spin_lock may be larger than an empty kernel's: debugging adds to it.
    checks = CHECKS.replace("HAS(my_locks, value, 24);", "")
    run(compiler, tmp_path, text + checks, [*flags, *lacks])


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize(
    ("version", "newer"),
    [((5, 15), False), ((7, 2), True), ((5, 14), True), ((6, 1), True), ((6, 12), False)],
    ids=["old", "new", "old-with-new-structs", "stable", "new-with-old-structs"],
)
def test_uapi_headers_of_any_age(
    compiler: str, version: tuple[int, int], newer: bool, tmp_path: Path
) -> None:
    """Old headers, new ones, and such whose version says one thing and their structs another."""
    flags = imitate_uapi(tmp_path, version, newer=newer)
    run(compiler, tmp_path, INCLUDED + INCLUDED + CHECKS, flags)


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize(("version", "newer"), [((5, 15), False), ((7, 2), True)])
def test_after_linux_bpf_h(
    compiler: str, version: tuple[int, int], newer: bool, tmp_path: Path
) -> None:
    """Where linux/bpf.h was included before, its version tells what is in it."""
    flags = imitate_uapi(tmp_path, version, newer=newer)
    run(compiler, tmp_path, "#include <linux/bpf.h>\n" + INCLUDED + CHECKS, flags)


def test_user_knows_better_than_the_version(tmp_path: Path) -> None:
    """After a linux/bpf.h that has more than its version says, macros tell."""
    flags = imitate_uapi(tmp_path, (5, 14), newer=True)
    told = [
        f"-DBPFGEN_HAVE_{name}=1"
        for name in re.findall(r"#ifndef BPFGEN_HAVE_(\w+) /\* since", header())
    ]
    assert told
    run(newest(), tmp_path, "#include <linux/bpf.h>\n" + INCLUDED + CHECKS, [*flags, *told])


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("target", ["bpfel", "bpfeb"])
def test_initializer_style(compiler: str, target: str, tmp_path: Path) -> None:
    """The form of the first commit compiles everywhere, in both byte orders."""
    text = "".join(
        f"{line}\n"
        for line in SOURCE.splitlines()
        if not re.match(r"map my_(slots|slot|inner|jumps|bloom|events|hash)\b", line)
    )
    text = re.sub(r"map my_arena.*?\n}\n", "", text, flags=re.DOTALL)
    compilation = compile(Source("maps.dsl", text), Options(style="initializer"))
    assert [d.message for d in compilation.diagnostics if d.severity == "error"] == []
    made = emit_header(compilation.model, HeaderOptions("initializer"))
    (tmp_path / "maps.h").write_text(made, encoding="utf-8")
    run(compiler, tmp_path, INCLUDED + INCLUDED, ["-nostdinc"], target=target)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_extern_maps(compiler: str, tmp_path: Path) -> None:
    """With BPFGEN_EXTERN_MAPS nothing is defined, and what is used has whole types."""
    names = ("my_inner", "my_hash", "my_events")
    used = " ^ ".join(f"(long)&{name}" for name in names)
    uses = f"void *use(void) {{ return (void *)({used}); }}\n"
    text = f"#define BPFGEN_EXTERN_MAPS\n{INCLUDED}{CHECKS}{uses}"
    output = run(compiler, tmp_path, text, ["-nostdinc", "-Wno-missing-prototypes"])
    symbols = subprocess.run(
        [require("readelf"), "-sW", output], capture_output=True, text=True, check=True
    ).stdout
    maps = re.findall(
        r"OBJECT +GLOBAL +\S+ +(\S+) (my_\w+)|GLOBAL DEFAULT +(UND) (my_\w+)", symbols
    )
    assert {name or other for _, name, _, other in maps} == set(names)
    assert all("UND" in entry for entry in maps)
    dump = btf_dump(output)
    for tag in ("my_inner_only", "my_value", "my_kptr_target", "my_list_item", "my_event"):
        assert re.search(rf"STRUCT '{tag}'", dump), tag
        assert not re.search(rf"FWD '{tag}'", dump), tag


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("target", ["bpfel", "bpfeb"])
def test_types_are_whole(compiler: str, target: str, tmp_path: Path) -> None:
    """Every struct that libbpf or the kernel must see whole is whole, in both byte orders."""
    dump = btf_dump(run(compiler, tmp_path, INCLUDED, ["-nostdinc"], target=target))
    tags = [
        "my_inner_only",
        "my_value",
        "my_kptr_target",
        "my_list_item",
        "my_list",
        "my_packed",
        "my_event",
    ]
    for tag in tags:
        assert re.search(rf"STRUCT '{tag}'", dump), tag
    assert set(re.findall(r"FWD '(\w+)'", dump)) - {"__sk_buff"} == {"my_unknown"}


PROGRAM = """
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "maps.h"
"""

LINKED = """
struct k { __u32 a; };
struct v { __u32 a; };
struct record { __u64 when; };
map plain: hash<k, v>[8];
map inner: hash_of_maps<__u32, hash<k, v>[4]>[8];
template shape: array<__u32, v>[2];
map slot: shape;
map slots: array_of_maps<__u32, shape>[4] = { [0] = slot };
int tail(struct __sk_buff *skb);
map jumps: prog_array[4] = { [0] = tail };
weak map tuning: array<__u32, __u64>[1];
map records: ringbuf<record>[4096];
"""


@pytest.mark.parametrize("compiler", COMPILERS)
def test_two_objects_are_linked(compiler: str, tmp_path: Path) -> None:
    """`bpftool gen object` joins an object that defines the maps with one that uses them.

    The defining one comes first, and `slots` isn't used by the other: libbpf 1.1's linker leaves
    the offsets of maps at 0 in the other order, and takes slots for no part of a map's size when
    a second object refers to it, whoever wrote the C.
    """
    bpftool = require("bpftool")
    made = emit_header(compile(Source("maps.dsl", LINKED)).model)
    (tmp_path / "maps.h").write_text(made, encoding="utf-8")
    flags = [*libbpf_headers(), "-Wno-unused-parameter"]
    defines = (
        f"{PROGRAM}"
        'SEC("tc") int tail(struct __sk_buff *skb) { return 0; }\n'
        'SEC("tc") int entry(struct __sk_buff *skb) { bpf_tail_call(skb, &jumps, 0); return 0; }\n'
        'char LICENSE[] SEC("license") = "GPL";\n'
    )
    uses = (
        f"#define BPFGEN_EXTERN_MAPS\n{PROGRAM}"
        'SEC("tc") int use(struct __sk_buff *skb) {\n'
        "  struct k key = {}; __u32 zero = 0;\n"
        "  void *map = bpf_map_lookup_elem(&inner, &zero);\n"
        "  if (map) bpf_map_lookup_elem(map, &key);\n"
        "  bpf_map_lookup_elem(&tuning, &zero);\n"
        "  void *room = bpf_ringbuf_reserve(&records, 8, 0);\n"
        "  if (room) bpf_ringbuf_discard(room, 0);\n"
        "  return !!bpf_map_lookup_elem(&plain, &key); }\n"
    )
    objects = []
    for name, text in (("defines", defines), ("uses", uses)):
        objects.append(run(compiler, tmp_path, text, flags).rename(tmp_path / f"{name}.o"))
    linked = str(tmp_path / "linked.o")
    for words in (["object", linked, *map(str, objects)], ["skeleton", linked]):
        done = subprocess.run([bpftool, "gen", *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    for name in ("plain", "inner", "slot", "slots", "jumps", "tuning", "records"):
        assert f"struct bpf_map *{name};" in done.stdout


@pytest.mark.parametrize("name", GOOD)
def test_samples_compile(name: str, tmp_path: Path) -> None:
    """The unit of every sample compiles as GNU C with libbpf's headers and as strict C."""
    model = compiled(name).model
    for item in model.imports:
        (tmp_path / item.header).write_text(emit_header(item.model), encoding="utf-8")
    text = emit_anchored_unit(model).text
    run(newest(), tmp_path, text, ["-std=gnu11", *libbpf_headers()])
    flags = system_headers() if model.includes else ("-nostdinc",)
    run(newest(), tmp_path, text, ["-std=c2x", *flags])


NASTY = r"""
/// */ #error out
/// ??/
/// \
/// /* /* //\
/// **/ ??/ */ \\

/// const */ ??/
const SAFE = 1;
/// struct \
struct safe {
    /// member */ int evil; /*
    __u32 a __attribute__((btf_decl_tag("*/ \" ??/ // /* %s")));
    /// ??/
    const char __attribute__((btf_type_tag("a\"b"))) *b;
};
/// map /* ??/
map safe_map: array<__u32, safe>[SAFE];
"""


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("mode", ["c11", "gnu11", "c2x"])
def test_text_of_the_source_does_not_act(compiler: str, mode: str, tmp_path: Path) -> None:
    """Comments and strings with `*/`, joined lines and trigraphs change nothing, not even -Wall."""
    compilation = compile(Source("safe_map.dsl", NASTY))
    assert not compilation.failed, compilation.diagnostics
    (tmp_path / "maps.h").write_text(emit_header(compilation.model), encoding="utf-8")
    text = INCLUDED + '_Static_assert(sizeof(struct safe) == 16 * SAFE, "");\n'
    flags = [f"-std={mode}", "-nostdinc", "-Wcomment", "-Wtrigraphs"]
    run(compiler, tmp_path, text, flags)


@pytest.mark.parametrize("first", ["x", "y"])
def test_equal_names_in_two_directories(first: str, tmp_path: Path) -> None:
    """`x/common.h` and `y/common.h` can be included together, in either order."""
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
        text = f"struct {name}_key {{ int a; }};\nmap {name}_map: array<int, {name}_key>[1];\n"
        made = emit_header(compile(Source(f"{name}/common.dsl", text)).model)
        (tmp_path / name / "common.h").write_text(made, encoding="utf-8")
    second = "y" if first == "x" else "x"
    text = f'#include "{first}/common.h"\n#include "{second}/common.h"\n'
    text += '_Static_assert(sizeof(struct x_key) + sizeof(struct y_key) == 8, "");\n'
    run(newest(), tmp_path, text, ["-nostdinc"])


LEGACY_STRUCT = """
struct bpf_map_def {
	unsigned int type, key_size, value_size, max_entries, map_flags;
};
"""


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("version", [None, 0, 1], ids=["0.5", "0.8", "1.0"])
def test_legacy_maps_with_libbpf_of_any_age(
    compiler: str, version: int | None, tmp_path: Path
) -> None:
    """`struct bpf_map_def` is libbpf's before 1.0 and ours from then on, for many headers."""
    flags = imitate_uapi(tmp_path, (5, 15), newer=False)
    (tmp_path / "bpf").mkdir()
    (tmp_path / "bpf/bpf_helpers.h").write_text(
        "#ifndef __BPF_HELPERS__\n#define __BPF_HELPERS__\n"
        "#define SEC(name) __attribute__((section(name), used))\n"
        f"{'' if version else LEGACY_STRUCT}#endif\n"
    )
    if version is not None:
        (tmp_path / "bpf/libbpf_version.h").write_text(
            f"#define LIBBPF_MAJOR_VERSION {version}\n#define LIBBPF_MINOR_VERSION 8\n"
        )
    for name in ("one", "two"):
        text = f"legacy map {name}: array<__u32, __u64>[4];"
        made = emit_header(compile(Source(f"{name}.dsl", text)).model)
        (tmp_path / f"{name}.h").write_text(made, encoding="utf-8")
    text = '#include "one.h"\n#include "two.h"\n#include "one.h"\n'
    text += '_Static_assert(sizeof(one) == 20 && sizeof(two) == 20, "");\n'
    run(compiler, tmp_path, text, flags)
