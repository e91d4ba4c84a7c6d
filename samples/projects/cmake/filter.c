/* Shuts 198.51.100.0/24 out of a network device until it is stopped. */
#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "filter.h"
#include "filter.skel.h"
#include "sizes.skel.h"

int main(int argc, char **argv)
{
	struct prefix network = { .length = 24, .address = htonl(0xc6336400) };
	struct filter *filter = filter__open_and_load();
	struct sizes *sizes = sizes__open_and_load();
	int device = argc == 2 ? if_nametoindex(argv[1]) : 0;
	__u32 index = 0;

	if (filter && sizes && device &&
	    !bpf_map_update_elem(bpf_map__fd(filter->maps.networks), &network, &index, BPF_ANY) &&
	    bpf_program__attach_xdp(filter->progs.on_packet, device))
		pause();
	fprintf(stderr, "usage: %s DEVICE, as root\n", argv[0]);
	return 1;
}
