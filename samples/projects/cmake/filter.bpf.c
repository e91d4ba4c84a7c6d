/* Drops packets from networks that are shut out. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "filter.h"

SEC("xdp")
int on_packet(struct xdp_md *context)
{
	void *data = (void *)(long)context->data, *end = (void *)(long)context->data_end;
	struct ethhdr *ethernet = data;
	struct iphdr *ip = (void *)(ethernet + 1);
	struct prefix from = { .length = 32 };
	struct dropped *dropped;
	__u32 *index;

	if ((void *)(ip + 1) > end || ethernet->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	from.address = ip->saddr;
	index = bpf_map_lookup_elem(&networks, &from);
	if (!index)
		return XDP_PASS;
	dropped = bpf_map_lookup_elem(&drops, index);
	if (dropped) {
		dropped->packets += 1;
		dropped->bytes += end - data;
	}
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
