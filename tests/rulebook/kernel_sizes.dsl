map m: array<__u64, __u64>[8];  //! map-key-size
map n: array<__s32, __u64>[8];
map o: array[8] { key_size = 4; value_size = 1; };
---
map m: array[8] { key_size = 5; value_size = 8; };  //! map-key-size
map n: array[8] { value_size = 8; };  //! map-key-size
map o: array[8] { key_size = 4; };  //! map-value-size
map p: array[8] { key_size = 4; value_size = 0; };  //! map-value-size
map q: array[8] { key_size = runtime; value_size = runtime; };
---
map m: array[8] { key_size = 4; value_size = 0x7fffffff; };  //! map-memory
map n: array[8] { key_size = 4; value_size = 0x80000000; };  //! map-value-size
---
map m: hash[8];  //! map-key-size map-value-size
---
map m: hash[8] { key_size = 4194254; value_size = 1; };
map n: hash[8] { key_size = 4194254; value_size = 2; };  //! map-element-size
map o: hash[8] { key_size = 4194255; value_size = 1; };  //! map-key-size
map p: hash[8] { key_size = 1; value_size = 4194254; };
map q: hash[8] { key_size = 1; value_size = 4194255; };  //! map-value-size
---
map m: percpu_hash[8] { key_size = 4; value_size = 32768; };
map n: percpu_hash[8] { key_size = 4; value_size = 32769; };  //! map-value-size
map o: percpu_array[8] { key_size = 4; value_size = 32768; };
map p: percpu_array[8] { key_size = 4; value_size = 40000; };  //! map-value-size
---
map m: stack_trace[8] { key_size = 4; value_size = 127 * 8; };
map n: stack_trace[8] { key_size = 4; value_size = 128 * 8; };  //! map-value-size
map o: stack_trace[8] { key_size = 4; value_size = 12; };  //! map-value-size
map p: stack_trace[8] {
    key_size = 4;
    value_size = 127 * 32;
    map_flags = BPF_F_STACK_BUILD_ID;
};
map q: stack_trace[8] {
    key_size = 4;
    value_size = 8;  //! map-value-size
    map_flags = BPF_F_STACK_BUILD_ID;
};
map r: stack_trace[8] { key_size = 4; value_size = 127 * 32; map_flags = runtime; };
---
map m: lpm_trie[8] { key_size = 5; value_size = 1; };
map n: lpm_trie[8] { key_size = 4; value_size = 1; };  //! map-key-size
map o: lpm_trie[8] { key_size = 260; value_size = 4194024; };
map p: lpm_trie[8] { key_size = 261; value_size = 1; };  //! map-key-size
map q: lpm_trie[8] { key_size = 8; value_size = 4194025; };  //! map-value-size
---
map m: prog_array[8] { key_size = 8; };  //! map-key-size
map n: prog_array[8] { value_size = 8; };  //! map-value-size
map o: cgroup_array[8] { value_size = 8; };  //! map-value-size
map p: xskmap[8] { value_size = 8; };  //! map-value-size
map q: perf_event_array { value_size = 8; };  //! map-value-size
---
map m: devmap<__u32, __u64>[8];
map n: devmap<__u32, __u32>[8];
map o: devmap<__u32, __u16>[8];  //! map-value-size
map p: cpumap[8] { key_size = 4; value_size = 6; };  //! map-value-size
map r: cpumap[8] { key_size = 4; value_size = 12; };  //! map-value-size
map q: reuseport_sockarray[8] { key_size = 4; value_size = 12; };  //! map-value-size
---
map m: sockhash[8] { key_size = 512; value_size = 4; };
map n: sockhash[8] { key_size = 513; value_size = 4; };  //! map-key-size
map o: sockmap<__u64, __u32>[8];  //! map-key-size
---
map m: cgroup_storage { key_size = 8; value_size = 65407; };
map n: cgroup_storage { key_size = 12; value_size = 8; };  //! map-key-size
map o: cgroup_storage { key_size = 16; value_size = 65408; };  //! map-value-size
map p: percpu_cgroup_storage { key_size = 16; value_size = 32769; };  //! map-value-size
---
map m: queue<__u64>[8];
map n: queue[8] { value_size = 4194305; };  //! map-value-size
map o: queue[8] { key_size = 4; value_size = 8; };  //! map-key-size
map p: queue[0xfffffff] { value_size = 16; };  //! map-element-size map-memory
map q: stack[0xffffffe] { value_size = 16; };  //! map-memory
---
map m: ringbuf[64 KiB] { value_size = 8; };  //! map-value-size
map n: ringbuf[64 KiB] { key = int; };  //! map-key-size
map o: arena[8] { value_size = 8; };  //! map-value-size
map p: bloom_filter[8] { key_size = 4; value_size = 8; };  //! map-key-size
---
map m: sk_storage<int, __u8[65407]>;
map n: sk_storage<int, __u8[65408]>;  //! map-value-size
map o: task_storage<__u64, __u64>;  //! map-key-size
map p: sk_storage<__u8[5], __u64>;  //! map-key-size
map q: inode_storage<__u8[5], __u64>;  //! map-key-size
map r: task_storage<__u8[5], __u64>;  //! map-key-size
map s: cgrp_storage<__u8[5], __u64>;  //! map-key-size
map t: sk_storage<__u8[3], __u64>;  //! map-key-size
map u: inode_storage<__u8[3], __u64>;  //! map-key-size
map v: task_storage<__u8[3], __u64>;  //! map-key-size
map w: cgrp_storage<__u8[3], __u64>;  //! map-key-size
---
map m: insn_array[8] { key_size = 4; value_size = 8; };  //! map-value-size
map n: rhash[8] { key_size = 65535; value_size = 8; };
map o: rhash[8] { key_size = 65536; value_size = 8; };  //! map-key-size
---
map m: array_of_maps<__u64, array<__u32, __u64>[8]>[2];  //! map-key-size
map n: hash_of_maps<__u64, array<__u64, __u64>[8]>[2];  //! map-key-size
map o: array_of_maps<__u32>[2] { value_size = 8; };  //! map-value-size
---
template t: array<__u64, __u64>[8];  //! map-key-size
map m: t;
map n: t { map_flags = BPF_F_MMAPABLE; };
map o: array_of_maps<__u32, t>[2];
---
template t: array { value_size = 8; };
map m: t[8];  //! map-key-size
map n: t[8] { key_size = 4; };
---
map a0: inode_storage<int, __u8[65407]>;
map b0: inode_storage<int, __u8[65408]>;  //! map-value-size
map c0: inode_storage<int, __u8[1]>;
map a1: task_storage<int, __u8[65407]>;
map b1: task_storage<int, __u8[65408]>;  //! map-value-size
map c1: task_storage<int, __u8[1]>;
map a2: cgrp_storage<int, __u8[65407]>;
map b2: cgrp_storage<int, __u8[65408]>;  //! map-value-size
map c2: cgrp_storage<int, __u8[1]>;
---
map a0: percpu_hash[8] { key_size = 4194247; value_size = 8; };
map b0: percpu_hash[8] { key_size = 4194255; value_size = 8; };  //! map-key-size
map c0: percpu_hash[8] { key_size = 4194248; value_size = 8; };  //! map-element-size
map a1: lru_hash[8] { key_size = 4194254; value_size = 1; };
map b1: lru_hash[8] { key_size = 4194255; value_size = 1; };  //! map-key-size
map c1: lru_hash[8] { key_size = 4194254; value_size = 2; };  //! map-element-size
map a2: lru_percpu_hash[8] { key_size = 4194247; value_size = 8; };
map b2: lru_percpu_hash[8] { key_size = 4194255; value_size = 8; };  //! map-key-size
map c2: lru_percpu_hash[8] { key_size = 4194248; value_size = 8; };  //! map-element-size
map d: hash_of_maps<__u8[4194251], array<__u32, __u64>[1]>[8];
map e: hash_of_maps<__u8[4194252], array<__u32, __u64>[1]>[8];  //! map-key-size
map f: lru_hash[8] { key_size = 1; value_size = 4194254; };
map g: lru_hash[8] { key_size = 1; value_size = 4194255; };  //! map-value-size
---
// What the kernel leaves no choice about is filled in.
map a: prog_array[8];
map b: perf_event_array;
map c: cgroup_array[8];
map d: array_of_maps[8] { value = array<__u32, __u64>[4]; };
map e: hash_of_maps[8] { key_size = 8; value = array<__u32, __u64>[4]; };
map f: xskmap[8];
map g: hash_of_maps[8] { value = array<__u32, __u64>[4]; };  //! map-key-size
map h: devmap[8];  //! map-key-size map-value-size
