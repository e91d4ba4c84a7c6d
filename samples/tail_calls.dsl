/// A dispatcher: programs that are defined in C, put into a prog_array when the object is loaded.

const TAIL_IPV4 = 0;
const TAIL_IPV6 = 1;
const TAIL_ARP = 3;

int tail_ipv4(struct __sk_buff *skb);
int tail_ipv6(struct __sk_buff *skb);
int tail_arp(struct __sk_buff *skb);

map jumps: prog_array[4] = {
    [TAIL_IPV4] = tail_ipv4,
    [TAIL_IPV6] = tail_ipv6,
    [TAIL_ARP] = tail_arp,
};
