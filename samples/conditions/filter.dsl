/// A packet filter that is built in several ways.
///
/// FILTER is what its rules are about: 1 for addresses, 2 for ports, and nothing for no rules.
/// HAVE_RINGBUF is 1 for kernels from 5.8 on.

macro FILTER, HAVE_RINGBUF, KEEP_FLOWS, SMALL;

when (defined(SMALL)) {
    const MAX_FLOWS = 1024;
} else {
    const MAX_FLOWS = 64 KiB;
}
const MAX_RULES = MAX_FLOWS / 16;

enum verdict : __u32 { PASS, DENY, LIMIT };

when (FILTER == 1) {
    /// An address, and how many of its bits count.
    struct rule_key {
        __u32 prefixlen;
        __be32 address;
    };
} else when (FILTER == 2) {
    struct rule_key {
        __be16 port;
        __u8 protocol;
        __u8 pad;
    };
}

struct flow {
    __be32 saddr, daddr;
    __be16 sport, dport;
    __u8 protocol;
    __u8 pad[3];
};

struct flow_event {
    __u64 when;
    struct flow flow;
    enum verdict verdict;
    __u32 pad;
};

/// Every flow, and how many packets it had.
map flows: lru_hash<flow, __u64>[MAX_FLOWS] {
    when (defined(KEEP_FLOWS)) {
        pinning = by_name;
    }
}

when (FILTER == 1) {
    /// The longest prefix decides.
    map rules: lpm_trie<rule_key, verdict>[MAX_RULES];
} else when (FILTER == 2) {
    map rules: hash<rule_key, verdict>[MAX_RULES];
}

when (HAVE_RINGBUF) {
    /// Verdicts that are worth a line in a log.
    map events: ringbuf<flow_event>[256 KiB];
} else {
    /// The same, a buffer on each CPU.
    map events: perf_event_array<flow_event>;
}
