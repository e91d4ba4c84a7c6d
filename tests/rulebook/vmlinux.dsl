struct rq { __u32 id; };  //! vmlinux-clash
map config: array<__u32, rq>[1];  //! vmlinux-clash
map events: array<__u32, __u64>[1];
---
struct rq_of_mine { __u32 id; };
map configs: array<__u32, rq_of_mine>[1];
---
// Tags are one name space, and everything else is another.
map rq: array<__u32, __u64>[1];
struct config { __u32 x; };
map all_of_them: array<__u32, struct config>[1];
---
// A union or an enum clashes with a struct.
union rq { __u32 id; };  //! vmlinux-clash
enum sk_buff { ONE_OF_MINE };  //! vmlinux-clash
template task: array<__u32, __u64>[1];
template cred: array<__u32, __u64>[1];  //! vmlinux-clash
map m: cred;
---
enum verdict {
    PASS,
    DROP,  //! vmlinux-clash
};
struct v {
    enum verdict first;
    enum { EXCLUSIVE } second;  //! vmlinux-clash
    struct { union { enum { SHARED } third[2]; }; };  //! vmlinux-clash
};
map m: array<__u32, v>[1];
---
// A typedef of a number may be the kernel's, and C takes the same one twice.
typedef unsigned int uint;
typedef struct { __u32 x; } code;  //! vmlinux-clash
map m: array<__u32, code>[1];
map n: array<__u32, uint>[1];
---
int tcp_slow_start(struct __sk_buff *skb);  //! vmlinux-clash
int slow_start_of_mine(struct __sk_buff *skb);
map m: prog_array[2] = { tcp_slow_start, slow_start_of_mine };
---
// A macro may have any name, a name without a body is no definition, and members are their own.
const DROP = 3;
struct sk_buff;
struct v { struct sk_buff *skb; __u32 config, rq; };  //! pointer-in-value
map m: array<__u32, v>[DROP];
---
// bpfgen: allow vmlinux-clash because no program of ours includes vmlinux.h
struct rq { __u32 id; };
map m: array<__u32, rq>[1];
---
// C takes a typedef twice where it is the same one, by whatever names.
typedef __u64 u64;
typedef unsigned int __u32;
typedef unsigned long long int64_t_of_mine;
typedef unsigned long long uint64_t;
typedef __u32 u16;  //! vmlinux-clash
typedef unsigned long s64;  //! vmlinux-clash
typedef int size_t;  //! vmlinux-clash
typedef double pid_t;  //! vmlinux-clash
map m: array<__u32, __u64>[1];
