"""Typed access in C and C++ over libbpf: compiled strictly, and run against maps of the kernel."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from bpfgen.building import build_object
from bpfgen.compiler import Options, compile, emit_files
from bpfgen.text.source import Source
from tests.samples import compiled
from tests.tools import (
    clang_program,
    header_flags,
    require,
    require_file,
    require_root,
)

if TYPE_CHECKING:
    from pathlib import Path

MAPS = """\
struct key { __u32 a; __u16 class; __u16 pad; };
struct value { __u64 n; __u32 m; __u32 pad; };
struct odd { __u8 bytes[5]; };
struct address { __u32 prefixlen; __u8 data[4]; };
map by_key: hash<key, value>[16];
map odds: percpu_array<__u32, odd>[2];
map words: hash<__u8[4], int[2]>[4];
map waiting: queue<value>[4];
map routes: lpm_trie<address, __u32>[4];
map tables: array_of_maps<__u32, array<__u32, __u32>[1]>[2];
map seen: bloom_filter<__u32>[16];
map sockets: sockmap<__u32, __u64>[2];
map tasks: task_storage<int, value>;
map jumps: prog_array[2];
map events: ringbuf<value>[4096];
map orders: user_ringbuf<value>[4096];
"""

PROGRAM = r"""
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "maps.h"

#define CHECK(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "line %d: %s, errno %d\n", __LINE__, #condition, errno); \
			return 1; \
		} \
	} while (0)

#ifdef __cplusplus
#define CLASS class_
#else
#define CLASS class
#endif

int main(int argc, char **argv)
{
	struct bpf_object *object = bpf_object__open_file(argv[argc - 1], NULL);
	CHECK(object && !bpf_object__load(object));
#define MAP(name) const struct bpf_map *name = bpf_object__find_map_by_name(object, #name)
	MAP(by_key); MAP(odds); MAP(words); MAP(waiting); MAP(routes); MAP(tables); MAP(seen);
	MAP(sockets); MAP(tasks); MAP(jumps); MAP(events);

	struct key key, next;
	struct value value, read;
	memset(&key, 0, sizeof(key));
	memset(&value, 0, sizeof(value));
	key.a = 1;
	key.CLASS = 2;
	value.n = 7;
	CHECK(by_key__update(by_key, &key, &value, BPF_NOEXIST) == 0);
	CHECK(by_key__update_fd(bpf_map__fd(by_key), &key, &value, BPF_NOEXIST) == -EEXIST);
	CHECK(by_key__lookup(by_key, &key, &read) == 0 && read.n == 7);
	CHECK(by_key__get_next_key(by_key, NULL, &next) == 0 && next.CLASS == 2);
	CHECK(by_key__get_next_key(by_key, &next, &next) == -ENOENT);
	CHECK(by_key__lookup_and_delete(by_key, &key, &read) == 0);
	CHECK(by_key__delete(by_key, &key) == -ENOENT);

	int cpus = libbpf_num_possible_cpus();
	union odds__cpu_value *values =
		(union odds__cpu_value *)calloc((size_t)cpus, sizeof(union odds__cpu_value));
	__u32 index = 1;
	CHECK(cpus > 0 && sizeof(*values) == 8);
	for (int cpu = 0; cpu < cpus; cpu++)
		values[cpu].value.bytes[4] = (__u8)(cpu + 1);
	CHECK(odds__update(odds, &index, values, 0) == 0);
	memset(values, 0, (size_t)cpus * sizeof(*values));
	CHECK(odds__lookup(odds, &index, values) == 0);
	for (int cpu = 0; cpu < cpus; cpu++)
		CHECK(values[cpu].value.bytes[4] == cpu + 1);
	free(values);

	__u8 word[4] = { 1, 2, 3, 4 };
	int pair[2] = { 5, 6 }, pair_read[2];
	CHECK(words__update(words, &word, &pair, 0) == 0);
	CHECK(words__lookup(words, &word, &pair_read) == 0 && pair_read[1] == 6);

	CHECK(waiting__push(waiting, &value, 0) == 0);
	CHECK(waiting__peek(waiting, &read) == 0 && read.n == 7);
	CHECK(waiting__pop(waiting, &read) == 0);
	CHECK(waiting__pop(waiting, &read) == -ENOENT);

	struct address address;
	memset(&address, 0, sizeof(address));
	address.prefixlen = 8;
	address.data[0] = 10;
	__u32 route = 3, route_read = 0;
	CHECK(routes__update(routes, &address, &route, 0) == 0);
	address.prefixlen = 32;
	CHECK(routes__lookup(routes, &address, &route_read) == 0 && route_read == 3);

	int inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, "inner", 4, 4, 1, NULL);
	__u32 id = 0;
	index = 0;
	CHECK(inner >= 0);
	CHECK(tables__update(tables, &index, inner, 0) == 0);
	CHECK(tables__lookup(tables, &index, &id) == 0 && id != 0);
	CHECK(tables__delete(tables, &index) == 0);

	__u32 number = 42, other = 43;
	CHECK(seen__push(seen, &number, 0) == 0);
	CHECK(seen__peek(seen, &number) == 0);
	CHECK(seen__peek(seen, &other) == -ENOENT);

	int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	CHECK(pidfd >= 0);
	CHECK(tasks__lookup(tasks, pidfd, &read) == -ENOENT);
	CHECK(tasks__update(tasks, pidfd, &value, 0) == 0);
	CHECK(tasks__lookup(tasks, pidfd, &read) == 0 && read.n == 7);
	CHECK(tasks__delete(tasks, pidfd) == 0);

	CHECK(jumps__update(jumps, &index, inner, 0) == -EINVAL); /* a map is no program */
	CHECK(sockets__update(sockets, &index, 1000, 0) == -EBADF);
	CHECK(sockets__delete(sockets, &index) == -EINVAL);

	char record[64] = { 0 };
	memcpy(record, &value, sizeof(value));
	CHECK(events__decode(record, sizeof(value) - 1) == NULL);
	CHECK(events__decode(record, sizeof(record))->n == 7);

	struct bpf_map *orders = bpf_object__find_map_by_name(object, "orders");
	struct user_ring_buffer *ring = user_ring_buffer__new(bpf_map__fd(orders), NULL);
	CHECK(ring);
	struct value *order = orders__reserve(ring);
	CHECK(order);
	order->n = 9;
	orders__submit(ring, order);
	user_ring_buffer__free(ring);

	(void)events;
	bpf_object__close(object);
	puts("all right");
	return 0;
}
"""

STRICT = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror")

COMPILERS = (
    ("gcc", "-std=c11"),
    ("gcc", "-std=gnu2x"),
    ("g++", "-std=c++17"),
    ("g++", "-std=c++23"),
    ("clang", "-std=c11"),
    ("clang", "-std=c2x"),
)


def write_maps(folder: Path, text: str) -> None:
    """Write the header of the source *text*, with accessors, into *folder*."""
    compilation = compile(Source("maps.dsl", text))
    (header,) = emit_files(compilation, Options(), "header", {"accessors": ("",)})
    (folder / "maps.h").write_text(header.text)


def compiler_of(name: str) -> str:
    """Return the program *name*, where `clang` is any; skip where it is missing."""
    require_file("/usr/include/bpf/libbpf.h", "libbpf-dev")
    return clang_program() if name == "clang" else require(name)


@pytest.mark.parametrize(("name", "standard"), COMPILERS)
def test_access_compiles_without_a_warning(name: str, standard: str, tmp_path: Path) -> None:
    """The accessors of every kind of map are silent under strict options."""
    compilation = compiled("kinds.dsl")
    (header,) = emit_files(compilation, Options(), "header", {"accessors": ("",)})
    (tmp_path / "maps.h").write_text(header.text)
    suffix = "cpp" if name == "g++" else "c"
    (tmp_path / f"a.{suffix}").write_text('#include "maps.h"\nint unused;\n')
    words = [compiler_of(name), standard, *STRICT, "-O2", "-c", f"a.{suffix}", "-o", "a.o"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.kernel
@pytest.mark.parametrize(("name", "standard"), [("gcc", "-std=gnu11"), ("g++", "-std=c++17")])
def test_access_reaches_the_kernel(name: str, standard: str, tmp_path: Path) -> None:
    """A program reads and writes maps of many kinds through their accessors."""
    require_root()
    program = compiler_of(name)
    write_maps(tmp_path, MAPS)
    data, diagnostics = build_object(compile(Source("maps.dsl", MAPS)))
    assert data is not None, diagnostics
    (tmp_path / "maps.o").write_bytes(data)
    suffix = "cpp" if name == "g++" else "c"
    (tmp_path / f"user.{suffix}").write_text(PROGRAM)
    words = [program, standard, *STRICT, f"user.{suffix}", "-lbpf", "-o", "user"]
    subprocess.run(words, cwd=tmp_path, check=True)
    done = subprocess.run(
        ["./user", "maps.o"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.stdout == "all right\n", done.stderr


@pytest.mark.parametrize(
    "call",
    [
        "by_key__lookup(m, &v, &v)",
        "by_key__lookup(m, &k, &k)",
        "by_key__update(m, &k, &k, 0)",
        "by_key__delete(m, &v)",
        "by_key__get_next_key(m, NULL, &v)",
        "odds__lookup(m, &u, &v)",
        "waiting__push(m, &k, 0)",
        "words__lookup(m, &k, &v)",
        "tables__lookup(m, &u, &v)",
    ],
)
@pytest.mark.parametrize("name", ["gcc", "g++", "clang"])
def test_another_type_is_refused_in_user_space(name: str, call: str, tmp_path: Path) -> None:
    """A pointer to something else is an error, and the same call with the right type is none."""
    write_maps(tmp_path, MAPS)
    suffix = "cpp" if name == "g++" else "c"
    text = (
        '#include "maps.h"\n'
        "int f(const struct bpf_map *m, struct key k, struct value v, __u32 u);\n"
        "int f(const struct bpf_map *m, struct key k, struct value v, __u32 u)\n"
        f"{{ (void)k; (void)v; (void)u; return {call}; }}\n"
    )
    (tmp_path / f"a.{suffix}").write_text(text)
    words = [compiler_of(name), "-fsyntax-only", f"a.{suffix}"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert re.search("_Generic|generic association|cannot convert|no matching", done.stderr)


NAMELESS = """\
map keyed: hash<struct { __u32 a; }, struct { __u64 b; }>[4];
map arrays: hash<struct { __u32 a; }[2], __u32>[4];
map counters: percpu_array<__u32, struct { __u32 n; }>[1];
map records: ringbuf<struct { __u32 a; }>[4096];
map tables: hash_of_maps<__u32, hash<struct { __u32 a; }, struct { __u32 b; }>[1]>[1];
"""

OF_PROGRAM = """\
int f(void);
int f(void)
{
	keyed__key key = { 1 };
	tables__inner__key inner = { 2 };
	arrays__key pair = { { 1 }, { 2 } };
	__u32 number = 1;
	void *table = tables__lookup(&number);
	records__record *record = records__reserve(0);

	if (record)
		records__submit(record, 0);
	return keyed__lookup(&key)->b + arrays__delete(&pair) + !!tables__inner__lookup(table, &inner);
}
"""

OF_USER = """\
int f(int fd, const void *data);
int f(int fd, const void *data)
{
	keyed__key key = { 1 };
	keyed__value value;
	arrays__key pair = { { 1 }, { 2 } };
	union counters__cpu_value values[2];
	__u32 number = 0;

	return keyed__lookup_fd(fd, &key, &value) + arrays__delete_fd(fd, &pair) +
		counters__lookup_fd(fd, &number, values) + (int)records__decode(data, 4)->a;
}
"""


@pytest.mark.parametrize("name", ["gcc", "g++", "clang", "program"])
def test_types_without_a_name_have_that_of_their_map(name: str, tmp_path: Path) -> None:
    """A key, value or record whose type has no name goes by the typedef of its map."""
    write_maps(tmp_path, NAMELESS)
    suffix = "cpp" if name == "g++" else "c"
    text = OF_PROGRAM if name == "program" else OF_USER
    (tmp_path / f"a.{suffix}").write_text(f'#include "maps.h"\n{text}')
    if name == "program":
        words = [clang_program(), "-target", "bpf", "-O2", "-Wall", "-Werror", *header_flags()]
    else:
        words = [compiler_of(name), *STRICT]
    done = subprocess.run(
        [*words, "-fsyntax-only", f"a.{suffix}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
