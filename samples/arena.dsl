/// An arena at a fixed user-space address: an attribute of more than 32 bits.
/// (libbpf reads it since 1.4.)

const ARENA_PAGES = 16;
const ARENA_BASE = 1ULL << 44;

map arena: arena[ARENA_PAGES] {
    map_flags = BPF_F_MMAPABLE | BPF_F_SEGV_ON_FAULT;
    map_extra = ARENA_BASE;
};
