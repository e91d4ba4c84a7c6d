/// Maps of a program that is linked from several objects.

/// May be defined in several of them; the linker keeps one.
weak map tuning: array<__u32, __u64>[1];

/// Defined in another of them.
extern map shared: hash<__u32, __u64>[1024];

map own: hash<__u32, __u64>[runtime] {
    map_flags = BPF_F_NO_PREALLOC;
};
