/// What all our programs know of a task.

const COMM_SIZE = 16;

struct task {
    __u32 pid;
    __u32 uid;
    char comm[COMM_SIZE];
};
