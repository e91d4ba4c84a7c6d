/* Loads both programs and prints, once a second, how many processes ended well and how many not. */
#include <stdio.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "execs.skel.h"
#include "exits.skel.h"

int main(void)
{
	struct execs *execs = execs__open_and_load();
	struct exits *exits = exits__open_and_load();
	int failed = !execs || !exits || execs__attach(execs) || exits__attach(exits);

	while (!failed) {
		__u64 count, well = 0, badly = 0;

		for (__u32 status = 0; status < 256; status++) {
			count = 0;
			bpf_map_lookup_elem(bpf_map__fd(exits->maps.exits_by_status), &status, &count);
			*(status ? &badly : &well) += count;
		}
		printf("%llu processes ended well, %llu badly\n", well, badly);
		sleep(1);
	}
	exits__destroy(exits);
	execs__destroy(execs);
	return 1;
}
