/// A network, as lpm_trie wants it: how many bits count, then the address.

struct prefix {
    __u32 length;
    __be32 address;
};
