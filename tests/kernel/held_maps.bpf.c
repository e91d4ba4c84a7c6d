/* Maps of several kinds with a program that uses them: what `bpfgen live` is shown. No headers. */

typedef unsigned int __u32;
typedef unsigned long long __u64;

#define SEC(name) __attribute__((section(name), used))
#define __uint(name, number) int (*name)[number]
#define __type(name, type) __typeof__(type) *name

struct flow_key {
	__u32 source, target;
};

struct flow_stats {
	__u64 packets, bytes;
};

struct {
	__uint(type, 1); /* BPF_MAP_TYPE_HASH */
	__uint(max_entries, 64);
	__type(key, struct flow_key);
	__type(value, struct flow_stats);
} held_flows SEC(".maps");

struct inner {
	__uint(type, 1);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
};

struct inner held_inner SEC(".maps");

struct {
	__uint(type, 12); /* BPF_MAP_TYPE_ARRAY_OF_MAPS */
	__uint(max_entries, 4);
	__type(key, __u32);
	__uint(value_size, 4);
	struct inner *values[];
} held_outer SEC(".maps") = {
	.values = { (void *)0, &held_inner },
};

struct {
	__uint(type, 27); /* BPF_MAP_TYPE_RINGBUF */
	__uint(max_entries, 4096);
} held_events SEC(".maps");

int calls;
const volatile int limit = 3;

static void *(*const lookup)(void *map, const void *key) = (void *)1; /* bpf_map_lookup_elem */

SEC("socket")
int counts_what_it_sees(void *context)
{
	struct flow_key key = { limit, calls++ };
	__u32 slot = 1;

	return lookup(&held_flows, &key) || lookup(&held_outer, &slot);
}
