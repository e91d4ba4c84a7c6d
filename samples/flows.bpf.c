/* The programs of flows.dsl: count and filter at XDP, notice replies at tc egress. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <stdbool.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "flows.h"

#define always_inline inline __attribute__((always_inline))

/* Fill in key from the headers between data and data_end; false if it's no flow we track. */
static always_inline bool parse_flow(void *data, void *data_end, struct flow_key *key)
{
	struct ethhdr *ethernet = data;
	struct iphdr *ip = (void *)(ethernet + 1);
	struct udphdr *ports = (void *)(ip + 1);

	if ((void *)(ip + 1) > data_end || ethernet->h_proto != bpf_htons(ETH_P_IP))
		return false;
	key->saddr = ip->saddr;
	key->daddr = ip->daddr;
	key->protocol = ip->protocol;
	if (ip->protocol != IPPROTO_TCP && ip->protocol != IPPROTO_UDP)
		return true;
	if (ip->ihl != 5 || (void *)(ports + 1) > data_end)
		return false;
	key->sport = ports->source;
	key->dport = ports->dest;
	return true;
}

static always_inline void tell(enum flow_event_kind kind, const struct flow_key *key, __u32 ifindex)
{
	struct flow_event *event = bpf_ringbuf_reserve(&flow_events, sizeof(*event), 0);

	if (!event)
		return;
	event->when = bpf_ktime_get_ns();
	event->kind = kind;
	event->ifindex = ifindex;
	event->flow = *key;
	bpf_ringbuf_submit(event, 0);
}

static always_inline void count(__u32 verdict)
{
	__u64 *packets = bpf_map_lookup_elem(&verdicts, &verdict);

	if (packets)
		*packets += 1;
}

SEC("xdp")
int flows_ingress(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
	struct flow_record *stats, fresh = {};
	struct rule_key source = { .prefixlen = 32 };
	struct flow_key key = {};
	struct flow_config *settings;
	struct rule *rule;
	__u32 zero = 0;
	bool over = false;

	settings = bpf_map_lookup_elem(&flow_settings, &zero);
	if (!settings || !parse_flow(data, data_end, &key))
		return XDP_PASS;

	source.address = key.saddr;
	rule = bpf_map_lookup_elem(&rules, &source);
	stats = bpf_map_lookup_elem(&flows, &key);
	if (!stats) {
		fresh.first_seen = bpf_ktime_get_ns();
		fresh.verdict = rule ? rule->verdict : VERDICT_PASS;
		bpf_map_update_elem(&flows, &key, &fresh, BPF_NOEXIST);
		if (settings->log_new)
			tell(FLOW_NEW, &key, ctx->ingress_ifindex);
		stats = bpf_map_lookup_elem(&flows, &key);
		if (!stats)
			return XDP_PASS;
	}

	__u64 now = bpf_ktime_get_ns(), length = data_end - data;
	__u32 limit = rule ? rule->packets_per_flow : 0;

	bpf_spin_lock(&stats->lock);
	if (now - stats->last_seen > FLOW_IDLE_NS)
		stats->packets = stats->bytes = 0;
	stats->last_seen = now;
	stats->packets += 1;
	stats->bytes += length;
	over = stats->verdict == VERDICT_DROP ||
	       (stats->verdict == VERDICT_LIMIT && stats->packets > limit);
	if (over)
		stats->drops += 1;
	bpf_spin_unlock(&stats->lock);

	count(over ? VERDICT_DROP : VERDICT_PASS);
	if (over && settings->enforce) {
		tell(FLOW_DROPPED, &key, ctx->ingress_ifindex);
		return XDP_DROP;
	}
	return XDP_PASS;
}

SEC("tc")
int flows_egress(struct __sk_buff *skb)
{
	struct flow_key sent = {}, key = {};
	struct flow_record *stats;
	bool first;

	if (!parse_flow((void *)(long)skb->data, (void *)(long)skb->data_end, &sent))
		return TC_ACT_OK;

	key.saddr = sent.daddr;
	key.daddr = sent.saddr;
	key.sport = sent.dport;
	key.dport = sent.sport;
	key.protocol = sent.protocol;
	stats = bpf_map_lookup_elem(&flows, &key);
	if (!stats)
		return TC_ACT_OK;

	bpf_spin_lock(&stats->lock);
	first = !stats->replied;
	stats->replied = 1;
	bpf_spin_unlock(&stats->lock);
	if (first)
		tell(FLOW_REPLIED, &key, skb->ifindex);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
