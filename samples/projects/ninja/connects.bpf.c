/* Counts connections by where they go; refuses those that are blocked. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "connects.h"

SEC("cgroup/connect4")
int on_connect(struct bpf_sock_addr *context)
{
	struct address to = {
		.ip = context->user_ip4,
		.port = context->user_port,
		.family = context->user_family,
	};
	__u64 one = 1, *count;

	if (bpf_map_lookup_elem(&blocked, &to))
		return REFUSE;
	count = bpf_map_lookup_elem(&connects, &to);
	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&connects, &to, &one, BPF_ANY);
	return ALLOW;
}

char LICENSE[] SEC("license") = "GPL";
