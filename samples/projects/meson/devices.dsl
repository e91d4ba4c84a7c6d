/// How many packets leave each network device; the loader knows how many there are.

map device_packets: hash<__u32, __u64>[runtime];
