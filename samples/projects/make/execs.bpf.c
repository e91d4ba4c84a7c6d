/* Tells of every exec, and counts them by user. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "execs.h"

SEC("tracepoint/sched/sched_process_exec")
int on_exec(void *context)
{
	__u32 uid = bpf_get_current_uid_gid();
	__u64 one = 1, *count = bpf_map_lookup_elem(&execs_by_uid, &uid);
	struct exec *exec;

	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&execs_by_uid, &uid, &one, BPF_NOEXIST);

	exec = bpf_ringbuf_reserve(&execs, sizeof(*exec), 0);
	if (!exec)
		return 0;
	exec->when = bpf_ktime_get_ns();
	exec->who.pid = bpf_get_current_pid_tgid() >> 32;
	exec->who.uid = uid;
	bpf_get_current_comm(exec->who.comm, sizeof(exec->who.comm));
	bpf_ringbuf_submit(exec, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
