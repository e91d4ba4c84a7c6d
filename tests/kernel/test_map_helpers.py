"""Typed access in BPF programs, against the verifier: each helper with each kind that has it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from bpfgen.compiler import emit
from bpfgen.emit.c.access.program import ProgramAccess
from bpfgen.emit.c.access.section import program_access
from bpfgen.emit.c.declarators import Speller
from bpfgen.emit.c.type_bodies import C
from tests.conformance import libbpf
from tests.kernel.test_samples_kernel import running_kernel
from tests.samples import compiled
from tests.tools import clang_program, header_flags, require_file, require_root

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.kernel

HEADERS = """
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
"""

PROGRAMS = """
char LICENSE[] SEC("license") = "GPL";

static long each(struct bpf_map *map, const struct address *key, struct counters *value, void *ctx)
{
	value->packets++;
	return 0;
}

static long each_index(struct bpf_map *map, const __u32 *key, struct counters *value, void *ctx)
{
	value->packets++;
	return 0;
}

static long drained(struct bpf_dynptr *dynptr, void *ctx)
{
	return 0;
}

#define ELEMENTS(map) \\
SEC("tc") int map##_elements(struct __sk_buff *skb) \\
{ \\
	struct address key = {}; \\
	struct counters value = {}, *found = map##__lookup(&key); \\
	if (found) \\
		found->bytes += skb->len; \\
	map##__update(&key, &value, BPF_ANY); \\
	map##__for_each(each, &value, 0); \\
	return map##__delete(&key); \\
}

ELEMENTS(a_hash)
ELEMENTS(an_lru_hash)
ELEMENTS(a_percpu_hash)
ELEMENTS(lru_percpu)

#define INDEXED(map) \\
SEC("tc") int map##_indexed(struct __sk_buff *skb) \\
{ \\
	__u32 key = 0; \\
	struct counters value = {}, *found = map##__lookup(&key); \\
	if (found) \\
		found->bytes += skb->len; \\
	map##__update(&key, &value, BPF_ANY); \\
	return map##__for_each(each_index, &value, 0); \\
}

INDEXED(an_array)
INDEXED(a_percpu_array)

SEC("tc") int other_cpus(struct __sk_buff *skb)
{
	struct address key = {};
	__u32 index = 0;
	struct counters *a = a_percpu_hash__lookup_percpu(&key, 0);
	struct counters *b = lru_percpu__lookup_percpu(&key, 0);
	struct counters *c = a_percpu_array__lookup_percpu(&index, 0);
	return (a ? a->bytes : 0) + (b ? b->bytes : 0) + (c ? c->bytes : 0);
}

SEC("tc") int trie(struct __sk_buff *skb)
{
	struct prefix key = { .prefixlen = 32 };
	__u32 value = 1, *found = an_lpm_trie__lookup(&key);
	if (found)
		return *found;
	an_lpm_trie__update(&key, &value, 0);
	return an_lpm_trie__delete(&key);
}

SEC("tc") int maps_of_maps(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct address address = {};
	struct counters value = {}, *found;
	void *inner = arrays__lookup(&key);
	if (inner && (found = arrays__inner__lookup(inner, &key)))
		found->bytes++;
	if (inner)
		arrays__inner__update(inner, &key, &value, 0);
	inner = hashes__lookup(&key);
	if (inner && (found = hashes__inner__lookup(inner, &address)))
		found->bytes++;
	if (inner)
		hashes__inner__delete(inner, &address);
	if (inner)
		hashes__inner__update(inner, &address, &value, 0);
	if (inner)
		hashes__inner__for_each(inner, each, &value, 0);
	inner = arrays__lookup(&key);
	if (inner)
		arrays__inner__for_each(inner, each_index, &value, 0);
	return 0;
}

SEC("tc") int lists(struct __sk_buff *skb)
{
	struct cpu_sample value = {};
	a_queue__push(&value, 0);
	a_queue__peek(&value);
	a_queue__pop(&value);
	a_stack__push(&value, 0);
	a_stack__peek(&value);
	a_stack__pop(&value);
	return 0;
}

SEC("tc") int bloom(struct __sk_buff *skb)
{
	struct address value = {};
	a_bloom_filter__push(&value, 0);
	return a_bloom_filter__peek(&value);
}

SEC("tc") int records(struct __sk_buff *skb)
{
	struct cpu_sample sample = { .cpu = 1 }, *record = a_ringbuf__reserve(0);
	if (record) {
		*record = sample;
		a_ringbuf__submit(record, 0);
	}
	record = a_ringbuf__reserve(0);
	if (record)
		a_ringbuf__discard(record, 0);
	a_ringbuf__output(&sample, 0);
	perf_events__output(skb, &sample, BPF_F_CURRENT_CPU);
	a_user_ringbuf__drain(drained, &sample, 0);
	return a_ringbuf__query(BPF_RB_AVAIL_DATA);
}

SEC("tc") int calls(struct __sk_buff *skb)
{
	cgroup_fds__skb_under_cgroup(skb, 1);
	a_prog_array__tail_call(skb, 3);
	return 0;
}

SEC("xdp") int redirections(struct xdp_md *xdp)
{
	__u32 key = 1;
	struct bpf_devmap_val *device = a_devmap__lookup(&key);
	if (device)
		return a_devmap__redirect(1, 0);
	__u32 *ifindex = a_devmap_hash__lookup(&key);
	if (ifindex)
		return a_devmap_hash__redirect(*ifindex, 0);
	if (an_xskmap__lookup(&key))
		return an_xskmap__redirect(key, 0);
	return a_cpumap__redirect(0, 0);
}

SEC("sk_msg") int messages(struct sk_msg_md *msg)
{
	struct address key = {};
	a_sockhash__msg_redirect(msg, &key, 0);
	return a_sockmap__msg_redirect(msg, 0, 0);
}

SEC("sk_skb/stream_verdict") int verdicts(struct __sk_buff *skb)
{
	struct address key = {};
	a_sockhash__sk_redirect(skb, &key, 0);
	return a_sockmap__sk_redirect(skb, 0, 0);
}

SEC("sockops") int sockets_of(struct bpf_sock_ops *ops)
{
	struct address key = {};
	__u32 index = 0;
	a_sockhash__sock_update(ops, &key, 0);
	a_sockmap__sock_update(ops, &index, 0);
	return 1;
}

SEC("sk_reuseport") int select_socket(struct sk_reuseport_md *md)
{
	struct address key = {};
	__u32 index = 0;
	reuseport__select_reuseport(md, &index, 0);
	a_sockmap__select_reuseport(md, &index, 0);
	a_sockhash__select_reuseport(md, &key, 0);
	return SK_PASS;
}

SEC("cgroup_skb/egress") int of_cgroup(struct __sk_buff *skb)
{
	struct counters *value = cgroups__get(0);
	value->packets++;
	struct bpf_sock *sk = skb->sk;
	if (!sk || !(sk = bpf_sk_fullsock(sk)))
		return 1;
	value = sockets__get(sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (value)
		value->packets++;
	sockets__delete(sk);
	return 1;
}

SEC("cgroup_skb/ingress") int of_cgroup_and_cpu(struct __sk_buff *skb)
{
	struct counters *value = percpu_cgroups__get(0);
	value->packets++;
	return 1;
}

SEC("perf_event") int stacks(struct bpf_perf_event_data *ctx)
{
	cgroup_fds__current_task_under_cgroup(0);
	return a_stack_trace__get_stackid(ctx, 0);
}

SEC("tp_btf/sys_enter") int of_tasks(void *ctx)
{
	struct counters *value;
	struct task_struct *task = bpf_get_current_task_btf();
	value = tasks__get(task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (value)
		value->packets++;
	tasks__delete(task);
	return 0;
}
"""

UNTRIED = {
    *("inodes__get", "inodes__delete", "cgrps__get", "cgrps__delete"),
    *("a_sockmap__lookup", "a_sockmap__delete", "a_sockhash__lookup", "a_sockhash__delete"),
}
"""Those whose programs need an LSM, a kfunc that gives a cgroup, or a lock that is released."""


def test_the_verifier_takes_every_accessor(tmp_path: Path) -> None:
    """Programs that use each accessor of each kind load; none is left out but by name."""
    require_root()
    require_file("/usr/include/bpf/bpf_helpers.h", "libbpf-dev")
    compilation = compiled("kinds.dsl")
    access = ProgramAccess(Speller(C))
    accessors = [a.name for map in compilation.model.maps for a in access.of_map(map)]
    known = "".join(
        line.replace("map##", name) + "\n"
        for name in ("a_hash", "an_lru_hash", "a_percpu_hash", "lru_percpu", "an_array")
        for line in PROGRAMS.splitlines()
        if "map##__" in line
    )
    tried = PROGRAMS + known + known.replace("an_array", "a_percpu_array")
    newer = {name for name in accessors if name.startswith("an_rhash")}
    untried = {name for name in accessors if f"{name}(" not in tried}
    assert untried == UNTRIED | newer
    text = (
        HEADERS + emit(compilation) + program_access(compilation.model, Speller(C)).text + PROGRAMS
    )
    (tmp_path / "programs.c").write_text(text)
    words = [clang_program(), "-target", "bpf", "-g", "-O2", "-Wall", "-Werror", *header_flags()]
    words += ["-Wno-unused-function", "-c", "programs.c", "-o", "programs.o"]
    subprocess.run(words, cwd=tmp_path, check=True)
    with libbpf.open_object((tmp_path / "programs.o").read_bytes()) as opened:
        for map in compilation.model.maps:
            if map.shape.kind.since > running_kernel():
                opened.set_autocreate(map.name, autocreate=False)
        assert opened.load()
