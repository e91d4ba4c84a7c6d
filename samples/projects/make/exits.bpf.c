/* Counts how processes end. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "exits.h"

SEC("tracepoint/syscalls/sys_enter_exit_group")
int on_exit(unsigned long *context)
{
	__u32 status = context[2] & 0xff; /* behind the common part and the number of the call */
	__u64 *count = bpf_map_lookup_elem(&exits_by_status, &status);

	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
