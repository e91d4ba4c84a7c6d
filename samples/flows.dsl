/// Flow tracking for the edge: an XDP program counts and filters, a tc program marks replies.

target kernel >= 5.15;

const MAX_FLOWS = 1 << 14;
const MAX_RULES = 1 << 10;
const FLOW_IDLE_NS = 30 * 1000000000ULL;

enum verdict : __u8 { VERDICT_PASS, VERDICT_DROP, VERDICT_LIMIT = 4 };

/// One direction of a flow; both directions have entries.
struct flow_key {
    __be32 saddr, daddr;
    __be16 sport, dport;
    __u8 protocol;
    __u8 pad[3];
};

struct flow_record {
    struct bpf_spin_lock lock;
    enum verdict verdict;
    __u8 replied;
    __u16 drops;
    __u64 first_seen, last_seen;
    __u64 packets, bytes;
};

/// Sources by prefix, longest match first.
struct rule_key {
    __u32 prefixlen;
    __be32 address;
};

struct rule {
    enum verdict verdict;
    __u8 pad[3];
    __u32 packets_per_flow;
};

enum flow_event_kind { FLOW_NEW = 1, FLOW_REPLIED, FLOW_DROPPED };

struct flow_event {
    __u64 when;
    enum flow_event_kind kind;
    __u32 ifindex;
    struct flow_key flow;
};

struct flow_config {
    __u32 sample_rate;
    bool enforce;
    bool log_new;
    __u16 pad;
};

/// Every flow that was seen since the program started.
map flows: hash<flow_key, flow_record>[MAX_FLOWS] {
    pinning = by_name;
};

map rules: lpm_trie<rule_key, rule>[MAX_RULES];

/// What user space follows.
map flow_events: ringbuf<flow_event>[256 KiB];

/// Packets by verdict, a counter on each CPU.
map verdicts: percpu_array<__u32, __u64>[VERDICT_LIMIT + 1];

/// Written once by the loader, read by the programs.
map flow_settings: array<__u32, flow_config>[1] {
    map_flags = BPF_F_RDONLY_PROG;
};
