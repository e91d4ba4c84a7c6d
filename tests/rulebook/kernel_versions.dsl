target kernel >= 5.8;
map m: ringbuf[64 KiB];
map n: bloom_filter<__u64>[8];  //! kernel-version
map o: array<__u32, __u64>[8] { map_flags = BPF_F_MMAPABLE; };
map p: array<__u32, __u64>[8] { map_flags = BPF_F_INNER_MAP; };  //! kernel-version
map q: devmap<__u32, struct bpf_devmap_val>[8];
map r: cpumap<__u32, struct bpf_cpumap_val>[8];  //! kernel-version
map s: cpumap<__u32, __u32>[8];
---
target kernel >= 5.9;
map r: cpumap<__u32, struct bpf_cpumap_val>[8];
map s: cgroup_storage<__u64, __u64>;
---
target kernel >= 5.7;
map q: devmap<__u32, struct bpf_devmap_val>[8];  //! kernel-version
map r: sockmap<__u32, __u64>[8];
map s: cgroup_storage<__u64, __u64>;  //! kernel-version
map t: cgroup_storage<struct bpf_cgroup_storage_key, __u64>;
---
target kernel >= 5.6;
map r: sockmap<__u32, __u64>[8];  //! kernel-version
map s: sockhash<__u32, __u64>[8];  //! kernel-version
map t: devmap_hash<__u32, __u64>[8];  //! kernel-version
map u: percpu_cgroup_storage<__u64, __u64>;  //! kernel-version
map v: reuseport_sockarray<__u32, __u64>[8];
---
target kernel >= 5.10;
map m: hash[8] { key_size = 512; value_size = 8; };
map n: hash[8] { key_size = 513; value_size = 8; };  //! kernel-version
map o: cgroup_storage<__u64, __u8[4096]>;
map p: cgroup_storage<__u64, __u8[4097]>;  //! kernel-version
---
target kernel >= 5.15;
map n: hash[8] { key_size = 513; value_size = 8; };
map p: cgroup_storage<__u64, __u8[4097]>;
---
target kernel >= 4.14;
map m: hash<__u32, __u64>[8] { map_flags = BPF_F_RDONLY | BPF_F_ZERO_SEED; };  //! kernel-version kernel-version
---
target kernel >= 6.18;
map m: rhash<__u32, __u64>[8];  //! kernel-version
map n: insn_array[8] { key_size = 4; value_size = 16; };  //! kernel-version
map o: ringbuf[64 KiB] { map_flags = BPF_F_RB_OVERWRITE; };  //! kernel-version
---
target kernel >= 4.3;
map m: hash<__u32, __u64>[8] { pinning = by_name; };  //! kernel-version
map n: hash<__u32, __u64>[8] { pinning = none; };
---
target kernel >= 4.4;
map m: hash<__u32, __u64>[8] { pinning = by_name; };
---
target kernel >= 5.19;
map m: array<__u32, __u8[4 << 20]>[1];
map n: array<__u32, __u8[(4 << 20) + 1]>[1];  //! kernel-version
---
target kernel >= 6.0;
map n: array<__u32, __u8[(4 << 20) + 1]>[1];
---
target kernel >= 5.10;
map m: hash[8] { key_size = 4; value_size = (4 << 20) - 512 - 48 - 1; };
map n: hash[8] { key_size = 4; value_size = (4 << 20) - 512 - 48; };  //! kernel-version
map o: lru_hash[8] { key_size = 4; value_size = (4 << 20) - 512 - 48 - 1; };  //! lru-batches
map p: lru_hash[8] { key_size = 4; value_size = (4 << 20) - 512 - 48; };  //! kernel-version lru-batches
---
target kernel >= 5.11;
map n: hash[8] { key_size = 4; value_size = (4 << 20) - 512 - 48; };
map p: lru_hash[8] { key_size = 4; value_size = (4 << 20) - 512 - 48; };  //! lru-batches
---
// Kernels that nobody knows yet have what the newest known one has.
target kernel >= 99.0;  //! future-version
map m: rhash<__u32, __u64>[8];
map n: array<__u64, __u64>[8];  //! map-key-size
---
target kernel >= 3.10;
map m: hash<__u32, __u64>[8];  //! kernel-version
---
// Templates and inner maps need what maps need, and each says so where it is written.
target kernel >= 5.4;
template t: array<__u32, __u64>[8] { map_flags = BPF_F_MMAPABLE; };  //! kernel-version
map m: t;
map n: array_of_maps<__u32, ringbuf[64 KiB]>[2];  //! kernel-version
extern map o: bloom_filter<__u64>[8];  //! kernel-version
weak map p: task_storage<int, __u64>;  //! kernel-version
legacy map q: ringbuf[64 KiB];  //! kernel-version
---
target kernel >= 5.4;
map m: hash<__u32, __u64>[8] { map_flags = runtime; };
---
target kernel >= 5.15;
map m __attribute__((btf_decl_tag("x"))): hash<__u32, __u64>[8];  //! btf-version
---
target kernel >= 5.16;
map m __attribute__((btf_decl_tag("x"))): hash<__u32, __u64>[8];
