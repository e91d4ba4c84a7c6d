/* Keeps the processes of a cgroup from connecting to 192.0.2.1, port 80, until it is stopped. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "connects.h"
#include "connects.skel.h"
#include "sockets.skel.h"

int main(int argc, char **argv)
{
	struct address target = { .port = htons(80), .family = AF_INET };
	struct connects *connects = connects__open_and_load();
	struct sockets *sockets = sockets__open_and_load();
	int cgroup = argc == 2 ? open(argv[1], O_RDONLY) : -1;
	blocked__value yes = 1;

	inet_pton(AF_INET, "192.0.2.1", &target.ip);
	if (connects && sockets && cgroup >= 0 &&
	    !bpf_map_update_elem(bpf_map__fd(connects->maps.blocked), &target, &yes, BPF_ANY) &&
	    bpf_program__attach_cgroup(connects->progs.on_connect, cgroup) &&
	    bpf_program__attach_cgroup(sockets->progs.on_socket, cgroup))
		pause();
	fprintf(stderr, "usage: %s CGROUP, as root\n", argv[0]);
	return 1;
}
