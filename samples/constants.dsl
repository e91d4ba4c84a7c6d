/// Constant expressions: those of C on the BPF target, and two suffixes.

const PAGE = 4 KiB;
const RING_PAGES = 1 << 4;
const RING_BYTES = RING_PAGES * PAGE;

const MASK = 0xffU;
const OCTAL = 0755;
const BINARY = 0b1010;
const LETTER = 'A';
const NEGATIVE = -(3 + 4) * 2;
const REMAINDER = -7 % 3;
const WIDE = 1ULL << 40;
const TRUNCATED = (__u8)300;
const SIGN_EXTENDED = (__s8)0xff;
const UNSIGNED_WINS = -1 < 0u;
const CHOICE = sizeof(long) == 8 ? 64 : 32;
const BOTH = (MASK & 0x0f) | ~0 ^ 0x70;
const LOGIC = !OCTAL || (BINARY && LETTER > 'Z');

enum level { LOW, MIDDLE = LOW + 5, HIGH, TOP = MIDDLE * 2 + HIGH };

struct slot_group { __u64 slots[CHOICE]; };

map ring: ringbuf[RING_BYTES];

map buckets: array<__u32, slot_group>[1 << (TOP - HIGH - 1)];

map sized: hash[MASK + 1] {
    key_size = sizeof(struct slot_group) / 8;
    value_size = sizeof(__u32[BINARY]);
    map_flags = BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG;
};
