/* Counts the packets that leave each network device. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "devices.h"

SEC("tc")
int on_leaving(struct __sk_buff *packet)
{
	__u32 device = packet->ifindex;
	__u64 one = 1, *count = bpf_map_lookup_elem(&device_packets, &device);

	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&device_packets, &device, &one, BPF_NOEXIST);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
