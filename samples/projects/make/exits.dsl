/// How processes end: their number for each exit status.

map exits_by_status: array<__u32, __u64>[256];
