"""cilium/ebpf's `MapSpec.Compatible`: what it says of maps that are pinned."""

from __future__ import annotations

import functools
import re
import tempfile
from pathlib import Path

from tests.user_space.commands import run
from tests.user_space.go import go_build, go_module

_PROGRAM = """
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/cilium/ebpf"
)

func main() {
	spec, err := ebpf.LoadCollectionSpec(os.Args[1])
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for name, wanted := range spec.Maps {
		m, err := ebpf.LoadPinnedMap(filepath.Join(os.Args[2], name), nil)
		if err != nil {
			continue
		}
		err = wanted.Compatible(m)
		m.Close()
		if err == nil {
			fmt.Println(name)
		} else {
			fmt.Println(name + "\\t" + strings.ReplaceAll(err.Error(), "\\n", " "))
		}
	}
}
"""

_NAMES = {
    "Type": "type",
    "KeySize": "key_size",
    "ValueSize": "value_size",
    "MaxEntries": "max_entries",
    "Flags": "map_flags",
}

_DIFFERENCE = re.compile(r"(\w+): (\S+) changed to (\S+?)(?:, |: )")


@functools.cache
def program() -> Path:
    """Return the program, built once a run."""
    folder = Path(tempfile.mkdtemp(prefix="bpfgen-pinned-"))
    return go_build(go_module(folder, {"main.go": _PROGRAM}, needs_cilium=True))


def compatible(data: bytes, pins: Path, folder: Path) -> dict[str, dict[str, tuple[str, str]]]:
    """Return why cilium/ebpf doesn't take what is in *pins* for the maps of the object *data*.

    By map, and then by parameter: what is there and what is wanted, in its words; under an empty
    name why the definition is none at all. Maps of which nothing is pinned are left out.
    """
    object = folder / "new.o"
    object.write_bytes(data)
    said = {}
    for line in run([str(program()), str(object), str(pins)]).stdout.splitlines():
        name, _, error = line.partition("\t")
        found = {_NAMES[one]: (there, wanted) for one, there, wanted in _DIFFERENCE.findall(error)}
        said[name] = found or ({"": ("", error)} if error else {})
    return said
