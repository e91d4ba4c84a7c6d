/// What the programs call a flow.

struct flow {
    __be32 source;
    __be32 destination;
    __u8 protocol;
    __u8 pad[3];
};
