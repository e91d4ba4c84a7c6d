/* Counts sockets. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "sockets.h"

SEC("cgroup/sock_create")
int on_socket(struct bpf_sock *context)
{
	__u32 zero = 0;
	__u64 *count = bpf_map_lookup_elem(&sockets, &zero);

	if (count)
		*count += 1;
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
