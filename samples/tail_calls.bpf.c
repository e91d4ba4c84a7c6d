/* The programs of tail_calls.dsl: one program dispatches to three others. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "tail_calls.h"

SEC("tc")
int tail_ipv4(struct __sk_buff *skb)
{
	return skb->len < 20 ? 2 /* TC_ACT_SHOT */ : 0;
}

SEC("tc")
int tail_ipv6(struct __sk_buff *skb)
{
	return skb->len < 40 ? 2 : 0;
}

SEC("tc")
int tail_arp(struct __sk_buff *skb)
{
	return skb->len < 28 ? 2 : 0;
}

SEC("tc")
int dispatch(struct __sk_buff *skb)
{
	if (skb->protocol == bpf_htons(ETH_P_IP))
		bpf_tail_call(skb, &jumps, TAIL_IPV4);
	else if (skb->protocol == bpf_htons(ETH_P_IPV6))
		bpf_tail_call(skb, &jumps, TAIL_IPV6);
	else if (skb->protocol == bpf_htons(ETH_P_ARP))
		bpf_tail_call(skb, &jumps, TAIL_ARP);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
