/// How much each flow sends.

import "flow.dsl";

struct traffic {
    __u64 packets;
    __u64 bytes;
};

map traffic_by_flow: lru_percpu_hash<struct flow, traffic>[16 * 1024];
