/// A map of most kinds, for programs of every language that has typed access.

struct item_key { __u32 a; __u8 b; __u8 pad[3]; };
struct item {
    __u64 count;
    __u8 kind : 3, level : 5;
    bool hot;
    char name[6];
};
struct event { __u32 id; __u16 data[]; };

map hashed: hash<item_key, item>[16];
map recent: lru_hash<__be32, item>[16];
map table: array<__u32, item>[4];
map per_cpu: percpu_hash<__u32, __u64>[8];
// bpfgen: allow percpu-value-size because that is what is tried
map per_cpu_small: percpu_array<__u32, __u8[3]>[2];
map prefixes: lpm_trie<struct { __u32 prefixlen; __u8 data[4]; }, __u32>[8];
map fifo: queue<item>[4];
map lifo: stack<__u32>[4];
map filter: bloom_filter<__u64>[64];
map events: ringbuf<event>[4096];
map outer: array_of_maps<__u32, array<__u32, __u64>[2]>[2];
map by_name: hash_of_maps<__u64, hash<__u32, item>[4]>[4];
map jumps: prog_array[4];
map groups: cgroup_array[2];
map cpus: cpumap<__u32, __u32>[2];
map wide: array<__u32, __u8[100000]>[1];
map by_address: hash<struct { __be32 a; __be16 b, c; }, union { __u64 n; char text[8]; }>[4];
map tasks: task_storage<int, item>;
map sized: array<__u32, item>[runtime];
