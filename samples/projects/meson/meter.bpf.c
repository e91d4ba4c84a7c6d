/* Counts the packets and bytes of each flow. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "meter.h"

SEC("tc")
int on_packet(struct __sk_buff *packet)
{
	void *data = (void *)(long)packet->data, *end = (void *)(long)packet->data_end;
	struct iphdr *ip = data + sizeof(struct ethhdr);
	struct traffic *traffic, none = {};
	struct flow flow = {};

	if (packet->protocol != bpf_htons(ETH_P_IP) || (void *)(ip + 1) > end)
		return 0;
	flow.source = ip->saddr;
	flow.destination = ip->daddr;
	flow.protocol = ip->protocol;
	bpf_map_update_elem(&traffic_by_flow, &flow, &none, BPF_NOEXIST);
	traffic = bpf_map_lookup_elem(&traffic_by_flow, &flow);
	if (traffic) {
		traffic->packets += 1;
		traffic->bytes += packet->len;
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
