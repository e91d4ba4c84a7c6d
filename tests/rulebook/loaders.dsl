target libbpf >= 0.7;
weak map m: hash<__u32, __u64>[16];  //! loader-version
map n: hash<__u32, __u64>[16];
---
target libbpf >= 0.8;
weak map m: hash<__u32, __u64>[16];
---
target libbpf >= 1.3;
template per_cpu: perf_event_array;
map m: array_of_maps<__u32, per_cpu>[2];  //! loader-version
map n: array_of_maps<__u32, perf_event_array[8]>[2];
map o: per_cpu;
map p: perf_event_array { pinning = by_name; };
---
target libbpf >= 0.9;  //! target
map m: hash<__u32, __u64>[16];
---
target libbpf >= 1.1;
target kernel >= 6.18;
map m: devmap<__u32, __u32>[4] { pinning = by_name; };  //! loader-version
map n: devmap<__u32, __u32>[4] { pinning = none; };
map o: ringbuf[5000];  //! ringbuf-size
map p: arena[8];  //! loader-version
legacy map q: array<__u32, __u64>[4];  //! loader-version
---
target libbpf >= 0.7;
map o: ringbuf[5000];  //! ringbuf-size loader-version
---
//? style initializer
target libbpf >= 1.8;
map m: hash<__u32, __u64>[16];  //! loader-version
---
target libbpf >= 0.3;
enum sign { NEGATIVE = -1 };
enum huge { HUGE = 1ULL << 40 };
struct v {
    float f;  //! loader-version
    enum sign s;
    enum huge h;  //! loader-version
    __u64 t __attribute__((btf_decl_tag("t")));  //! loader-version
};
map m: hash<__u32, v>[16] { map_flags = BPF_F_NUMA_NODE; numa_node = 1; };
map n: bloom_filter<__u32>[8] { map_extra = 2; };  //! loader-version
extern map o: array<__u32, __u64>[1];  //! loader-version
int program(struct __sk_buff *skb);
map p: prog_array[2] = { program };  //! loader-version
---
target libbpf >= 0.3;
target kernel >= 5.19;
enum sign { NEGATIVE = -1 };
struct v { enum sign s; };  //! loader-version
map m: hash<__u32, v>[16];
---
target kernel >= 99.1;  //! future-version
target libbpf >= 1.9;  //! future-version
map m: hash<__u32, __u64>[16];
---
target kernel >= 7.2;
target libbpf >= 1.8;
map m: hash<__u32, __u64>[16];
---
target kernel 5.15;  //! target
target libbpf;  //! target
---
target kernel > 5.15;  //! target
target libbpf = 1.1;  //! target
---
target kernel >= "5.15";  //! target
target libbpf >= six;  //! target
---
target kernel >= 5.15.3;  //! target
target libbpf >= 1.1.2;  //! target
map m: hash<__u32, __u64>[16];
---
target kernel >= 6.1-rc1;
target libbpf >= 0.8;
map m: hash<__u32, __u64>[16];
---
target kernel >= 5.20;  //! target
target linux >= 5.4;  //! target
---
target kernel == 5.4;  //! target
target iproute2;  //! target
target aya > 0.12;  //! target
map m: hash<__u32, __u64>[16];
---
target libbpf >= 1.0;
target libbpf >= 1.1;  //! target
map m: hash<__u32, __u64>[16];
---
target cilium >= 0.12;
target aya >= 0.13;
map a: hash<__u32, __u64>[16] { map_flags = BPF_F_NUMA_NODE; numa_node = 1; };  //! loader-version loader-version
map b: ringbuf[5000];  //! ringbuf-size loader-version
map c: sk_storage<__u32, __u64>;  //! loader-version
map d: bloom_filter<__u32>[8] { map_extra = 2; };  //! loader-version loader-version
map e: devmap<__u32, __u32>[4];  //! loader-version
map f: hash<__u32, __u64>[16] { key_size = 4; };  //! loader-version
map g: hash<__u32, __u64>[16] { map_flags = runtime; };  //! loader-version
---
target cilium;
target aya;
map a: hash<__u32, __u64>[runtime] { map_flags = BPF_F_NO_PREALLOC; };
map b: ringbuf[64 KiB];
map c: sk_storage<__u32, __u64>;
map d: bloom_filter<__u32>[8] { map_extra = 2; };
map e: devmap<__u32, __u64>[4];
map f: array_of_maps<__u32, hash<__u32, __u64>[8]>[2];
