/// Wrong on purpose: what the target kernel is.

target kernel >= six;
target kernel >= 5.15;
target kernel >= 6.1;
target kernal >= 6.1;

map counters: array<__u32, __u64>[4];
