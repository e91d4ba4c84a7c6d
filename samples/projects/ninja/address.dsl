/// Where a connection goes.

struct address {
    __be32 ip;
    __be16 port;
    __u16 family;
};
