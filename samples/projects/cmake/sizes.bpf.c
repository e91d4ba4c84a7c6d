/* Counts packets by their length. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "sizes.h"

SEC("tc")
int on_packet(struct __sk_buff *packet)
{
	__u32 bucket = 0;
	__u64 *count;

	while (bucket < BUCKETS - 1 && packet->len >> (bucket + 1))
		bucket++;
	count = bpf_map_lookup_elem(&packet_sizes, &bucket);
	if (count)
		*count += 1;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
