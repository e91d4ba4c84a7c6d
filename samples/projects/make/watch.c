/* Loads both programs and prints each exec, and how many processes ended well and how many not. */
#include <stdio.h>

#include <bpf/bpf.h>

#include "execs.h"
#include "execs.skel.h"
#include "exits.h"
#include "exits.skel.h"

static int print_exec(void *context, void *data, size_t size)
{
	const struct exec *exec = data;

	(void)context;
	if (size >= sizeof(*exec))
		printf("%u executes %.*s\n", exec->who.pid, COMM_SIZE, exec->who.comm);
	return 0;
}

int main(void)
{
	struct execs *execs = execs__open_and_load();
	struct exits *exits = exits__open_and_load();
	int failed = !execs || !exits || execs__attach(execs) || exits__attach(exits);
	struct ring_buffer *ring = NULL;

	if (!failed)
		ring = ring_buffer__new(bpf_map__fd(execs->maps.execs), print_exec, NULL, NULL);
	while (ring && ring_buffer__poll(ring, 1000) >= 0) {
		__u64 count, well = 0, badly = 0;

		for (__u32 status = 0; status < 256; status++) {
			count = 0;
			bpf_map_lookup_elem(bpf_map__fd(exits->maps.exits_by_status), &status, &count);
			*(status ? &badly : &well) += count;
		}
		printf("%llu processes ended well, %llu badly\n", well, badly);
	}
	ring_buffer__free(ring);
	exits__destroy(exits);
	execs__destroy(execs);
	return 1;
}
