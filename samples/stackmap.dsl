/// The second example of the commit that introduced BTF-defined maps:
/// no types for key and value, only their sizes.

map stackmap: stack_trace[128] {
    map_flags = BPF_F_STACK_BUILD_ID;
    key_size = sizeof(__u32);
    value_size = PERF_MAX_STACK_DEPTH * sizeof(struct bpf_stack_build_id);
};
