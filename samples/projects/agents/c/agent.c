/* Loads the program, pins its maps, and says what it counts: the agent that C programmers write. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "calls.h"
#include "watcher.skel.h"

/* Maps that are pinned below a directory. */
struct maps {
	int rules, counts, calls;
};

static int fail(const char *what)
{
	fprintf(stderr, "agent: %s: %s\n", what, strerror(errno));
	return 1;
}

static int open_pinned(const char *directory, const char *name)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return bpf_obj_get(path);
}

static struct call_key key_of(const char *pid, const char *number)
{
	return (struct call_key){ .pid = atoi(pid), .number = atoi(number) };
}

/* Loads and attaches; the maps pin themselves, since they are declared so. */
static int load(const char *directory)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .pin_root_path = directory);
	struct watcher *object = watcher__open_opts(&options);
	char path[4096];

	snprintf(path, sizeof(path), "%s/on_call", directory);
	if (!object || watcher__load(object) || watcher__attach(object) ||
	    bpf_link__pin(object->links.on_call, path))
		return fail("load");
	watcher__destroy(object);
	return 0;
}

static int unload(const char *directory)
{
	static const char *const names[] = { "on_call", "rules", "counts", "calls" };
	char path[4096];
	int failed = 0;

	for (unsigned int i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
		if (unlink(path))
			failed = fail(path);
	}
	return failed;
}

static int watch(const struct maps *maps, struct call_key key, int level, int label)
{
	struct rule rule = {
		.action = REPORT,
		.urgent = level > 99,
		.level = level,
		.label = htons(label),
	};

	return rules__update_fd(maps->rules, &key, &rule, BPF_ANY) ? fail("watch") : 0;
}

static int forget(const struct maps *maps, struct call_key key)
{
	if (rules__delete_fd(maps->rules, &key))
		return fail("forget");
	counts__delete_fd(maps->counts, &key); /* there is none before the first call */
	return 0;
}

static void print_rule(const struct rule *rule)
{
	const char *action = rule->action == REPORT ? "REPORT" : "COUNT";

	printf(" action=%s urgent=%d level=%d label=%d\n", action, rule->urgent, rule->level,
	       ntohs(rule->label));
}

static int show(const struct maps *maps)
{
	int cpus = libbpf_num_possible_cpus();
	union counts__cpu_value *counts = calloc(cpus, sizeof(*counts));
	struct call_key key, *previous = NULL;
	struct rule rule;

	while (!rules__get_next_key_fd(maps->rules, previous, &key)) {
		unsigned long long sum = 0;

		previous = &key;
		if (rules__lookup_fd(maps->rules, &key, &rule))
			continue;
		if (!counts__lookup_fd(maps->counts, &key, counts))
			for (int cpu = 0; cpu < cpus; cpu++)
				sum += counts[cpu].value.calls;
		printf("rule pid=%u number=%u calls=%llu", key.pid, key.number, sum);
		print_rule(&rule);
	}
	free(counts);
	return 0;
}

static int print_call(void *context, void *data, size_t size)
{
	const struct call *call = calls__decode(data, size);

	(void)context;
	if (!call)
		return -EINVAL;
	printf("call pid=%u number=%u comm=%.*s", call->key.pid, call->key.number, COMM_SIZE,
	       call->who.comm);
	print_rule(&call->rule);
	return 0;
}

/* Prints the records that are there. */
static int follow(const struct maps *maps)
{
	struct ring_buffer *ring = ring_buffer__new(maps->calls, print_call, NULL, NULL);

	if (!ring || ring_buffer__consume(ring) < 0)
		return fail("follow");
	ring_buffer__free(ring);
	return 0;
}

int main(int argc, char **argv)
{
	const char *command = argc > 2 ? argv[2] : "";
	struct maps maps;

	if (argc == 3 && !strcmp(command, "load"))
		return load(argv[1]);
	if (argc == 3 && !strcmp(command, "unload"))
		return unload(argv[1]);
	if (argc > 2) {
		maps.rules = open_pinned(argv[1], "rules");
		maps.counts = open_pinned(argv[1], "counts");
		maps.calls = open_pinned(argv[1], "calls");
		if (maps.rules < 0 || maps.counts < 0 || maps.calls < 0)
			return fail(argv[1]);
	}
	if (argc == 7 && !strcmp(command, "watch"))
		return watch(&maps, key_of(argv[3], argv[4]), atoi(argv[5]), atoi(argv[6]));
	if (argc == 5 && !strcmp(command, "forget"))
		return forget(&maps, key_of(argv[3], argv[4]));
	if (argc == 3 && !strcmp(command, "show"))
		return show(&maps);
	if (argc == 3 && !strcmp(command, "follow"))
		return follow(&maps);
	fprintf(stderr, "usage: agent DIRECTORY load | unload | show | follow\n"
			"       agent DIRECTORY watch PID NUMBER LEVEL LABEL\n"
			"       agent DIRECTORY forget PID NUMBER\n");
	return 2;
}
