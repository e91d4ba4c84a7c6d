/// Wrong on purpose: constant expressions.

const ONE = 1;
const ONE = 2;
const BY_ZERO = 5 / (ONE - 1);
const OVERFLOW = 2147483647 + 1;
const TOO_FAR = 1 << 40;
const NEGATIVE_SHIFT = 1 << -1;
const CYCLE_A = CYCLE_B + 1;
const CYCLE_B = CYCLE_A - 1;
const NOWHERE = UNKOWN_NAME + 1;
const HUGE = 99999999999999999999999;
const BAD_DIGIT = 089;
const FLOATING = 1.5;

struct opaque;
const OF_NOTHING = sizeof(struct opaque);

struct negative { __u8 bytes[ONE - 2]; };

map wide: hash<__u32, __u64>[0x100000000];
map below: hash<__u32, __u64>[-1];
map pages: ringbuf[4 Kib];
