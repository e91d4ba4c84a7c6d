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
