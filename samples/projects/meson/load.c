/* Loads both programs and pins them below a directory, for `tc filter add … object-pinned`. */
#include <stdio.h>

#include <bpf/bpf.h>

#include "devices.skel.h"
#include "meter.skel.h"

int main(int argc, char **argv)
{
	struct meter *meter = meter__open_and_load();
	struct devices *devices = devices__open();

	if (argc == 2 && meter && devices &&
	    !bpf_map__set_max_entries(devices->maps.device_packets, 64) &&
	    !devices__load(devices) &&
	    !bpf_object__pin(meter->obj, argv[1]) && !bpf_object__pin(devices->obj, argv[1]))
		return 0;
	fprintf(stderr, "usage: %s DIRECTORY, one below /sys/fs/bpf, as root\n", argv[0]);
	return 1;
}
