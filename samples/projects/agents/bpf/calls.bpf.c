/* Counts the system calls that agents chose, and reports those that they want to see. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "calls.h"

SEC("raw_tp/sys_enter")
int on_call(struct bpf_raw_tracepoint_args *context)
{
	struct call_key key = {
		.pid = bpf_get_current_pid_tgid() >> 32,
		.number = context->args[1],
	};
	struct rule *rule = rules__lookup(&key);
	struct count none = {}, *count;
	struct call *call;

	if (!rule)
		return 0;
	counts__update(&key, &none, BPF_NOEXIST);
	count = counts__lookup(&key);
	if (count) {
		count->calls += 1;
		count->last = bpf_ktime_get_ns();
	}
	if (rule->action != REPORT)
		return 0;
	call = calls__reserve(0);
	if (!call)
		return 0;
	__builtin_memset(call, 0, sizeof(*call));
	call->when = bpf_ktime_get_ns();
	call->who.pid = key.pid;
	call->who.uid = bpf_get_current_uid_gid();
	bpf_get_current_comm(call->who.comm, sizeof(call->who.comm));
	call->key = key;
	call->rule = *rule;
	call->cpu = bpf_get_smp_processor_id();
	calls__submit(call, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
