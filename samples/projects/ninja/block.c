/* Keeps the processes of a cgroup from connecting to 192.0.2.1, port 80, until it is stopped. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "connects.skel.h"
#include "sockets.skel.h"

int main(int argc, char **argv)
{
	struct { __u32 ip; __u16 port, family; } blocked = { 0, htons(80), AF_INET };
	struct connects *connects = connects__open_and_load();
	struct sockets *sockets = sockets__open_and_load();
	int cgroup = argc == 2 ? open(argv[1], O_RDONLY) : -1;
	__u8 yes = 1;

	inet_pton(AF_INET, "192.0.2.1", &blocked.ip);
	if (connects && sockets && cgroup >= 0 &&
	    !bpf_map_update_elem(bpf_map__fd(connects->maps.blocked), &blocked, &yes, BPF_ANY) &&
	    bpf_program__attach_cgroup(connects->progs.on_connect, cgroup) &&
	    bpf_program__attach_cgroup(sockets->progs.on_socket, cgroup))
		pause();
	fprintf(stderr, "usage: %s CGROUP, as root\n", argv[0]);
	return 1;
}
