"""cilium/ebpf and aya themselves: what they make of an object, and what the kernel has then.

One program each, built once a run of tests, reads lines of `PATH` or `PATH<tab>PINS`, and answers
with lines of `PATH<tab>WHAT<tab>…`: `seen` for each map of the object as it was read, `made` for
each map of the process after loading, and `end` with the stage that failed and why.
"""

from __future__ import annotations

import functools
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.loader_programs import AGAIN, LOAD, OPEN
from tests.user_space.commands import run
from tests.user_space.go import go_build, go_module
from tests.user_space.rust import cargo_build, cargo_project

if TYPE_CHECKING:
    from collections.abc import Sequence

GO_PROGRAM = """
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"github.com/cilium/ebpf"
)

func flat(err error) string {
	return strings.NewReplacer("\\n", " ", "\\t", " ").Replace(err.Error())
}

func made(path string) {
	entries, _ := os.ReadDir("/proc/self/fdinfo")
	for _, entry := range entries {
		text, _ := os.ReadFile("/proc/self/fdinfo/" + entry.Name())
		if strings.Contains(string(text), "map_type") {
			fmt.Println(path + "\\tmade\\t" + strings.Join(strings.Fields(string(text)), " "))
		}
	}
}

func try(path, pins string) (string, error) {
	spec, err := ebpf.LoadCollectionSpec(path)
	if err != nil {
		return "open", err
	}
	for name, m := range spec.Maps {
		inner := -1
		if m.InnerMap != nil {
			inner = int(m.InnerMap.Type)
		}
		fmt.Printf("%s\\tseen\\t%s %d %d %d %d %d %d %d\\n", path, name, m.Type, m.KeySize,
			m.ValueSize, m.MaxEntries, m.Flags, m.Pinning, inner)
	}
	for round := 0; round < 2; round++ {
		options := ebpf.CollectionOptions{Maps: ebpf.MapOptions{PinPath: pins}}
		loaded, err := ebpf.NewCollectionWithOptions(spec.Copy(), options)
		if err != nil {
			return []string{"load", "load again"}[round], err
		}
		if round == 0 {
			made(path)
		}
		loaded.Close()
		if pins == "" {
			break
		}
	}
	return "", nil
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		path, pins, _ := strings.Cut(lines.Text(), "\\t")
		stage, err := try(path, pins)
		why := ""
		if err != nil {
			why = flat(err)
		}
		fmt.Println(path + "\\tend\\t" + stage + "\\t" + why)
	}
}
"""

RUST_PROGRAM = """
use std::io::BufRead;

fn flat(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut inner = error.source();
    while let Some(next) = inner {
        text += ": ";
        text += &next.to_string();
        inner = next.source();
    }
    text.replace(['\\n', '\\t'], " ")
}

fn made(path: &str) {
    for entry in std::fs::read_dir("/proc/self/fdinfo").unwrap().flatten() {
        if let Ok(text) = std::fs::read_to_string(entry.path()) {
            if text.contains("map_type") {
                let words: Vec<&str> = text.split_whitespace().collect();
                println!("{path}\\tmade\\t{}", words.join(" "));
            }
        }
    }
}

fn attempt(path: &str, pins: Option<&str>) -> Result<(), (&'static str, String)> {
    let data = std::fs::read(path).unwrap();
    let object = aya_obj::Object::parse(&data).map_err(|e| ("open", flat(&e)))?;
    for (name, map) in &object.maps {
        println!(
            "{path}\\tseen\\t{name} {} {} {} {} {} {} -1",
            map.map_type(),
            map.key_size(),
            map.value_size(),
            map.max_entries(),
            map.map_flags(),
            map.pinning() as u32
        );
    }
    for stage in ["load", "load again"] {
        let mut loader = aya::EbpfLoader::new();
        if let Some(pins) = pins {
            loader.map_pin_path(pins);
        }
        let loaded = loader.load(&data).map_err(|e| (stage, flat(&e)))?;
        if stage == "load" {
            made(path);
        }
        drop(loaded);
        if pins.is_none() {
            break;
        }
    }
    Ok(())
}

fn main() {
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let (path, pins) = match line.split_once('\\t') {
            Some((path, pins)) => (path, Some(pins)),
            None => (line.as_str(), None),
        };
        let (stage, why) = attempt(path, pins).err().unwrap_or(("", String::new()));
        println!("{path}\\tend\\t{stage}\\t{why}");
    }
}
"""

STAGES = ("", OPEN, LOAD, AGAIN)


class Numbers(NamedTuple):
    """What a map is, for the loader or for the kernel; what isn't told is None."""

    type: int
    key_size: int
    value_size: int
    max_entries: int
    map_flags: int
    pinning: int | None = None
    inner: int | None = None
    map_extra: int | None = None


class Outcome(NamedTuple):
    """What came of an object: the stage that failed, one of :data:`STAGES`, and why."""

    stage: str
    why: str
    seen: dict[str, Numbers]
    made: list[Numbers]


@functools.cache
def _program(loader: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix=f"bpfgen-{loader}-"))
    if loader == "cilium":
        return go_build(go_module(folder, {"main.go": GO_PROGRAM}, needs_cilium=True))
    more = 'aya-obj = "*"\n'
    files = {"src/main.rs": RUST_PROGRAM}
    return cargo_build(cargo_project(folder, files, crates=["aya"], name="loading", more=more))


def outcomes(loader: str, objects: Sequence[Path], pins: dict[Path, Path]) -> dict[Path, Outcome]:
    """Return what *loader* (`cilium` or `aya`) makes of each of *objects*.

    Those in *pins* are loaded twice, with their maps pinned in the directory there.
    """
    return outcomes_of(_program(loader), objects, pins)


def outcomes_of(
    program: Path, objects: Sequence[Path], pins: dict[Path, Path]
) -> dict[Path, Outcome]:
    """Return what *program*, a loader of some version, makes of each: see :func:`outcomes`."""
    lines = [f"{path}\t{pins[path]}" if path in pins else str(path) for path in objects]
    printed = run([program], text="".join(f"{line}\n" for line in lines)).stdout
    found: dict[Path, Outcome] = {}
    seen: dict[str, Numbers] = {}
    made: list[Numbers] = []
    for line in printed.splitlines():
        path, what, rest = line.split("\t", 2)
        if what == "seen":
            name, *words = rest.split()
            type_, key, value, entries, flags, pinning, inner = map(int, words)
            seen[name] = Numbers(type_, key, value, entries, flags, pinning, inner)
        elif what == "made":
            words = rest.split()
            made.append(_of_fdinfo(dict(pairwise(words))))
        else:
            stage, why = rest.split("\t", 1)
            found[Path(path)] = Outcome(stage, why, seen, made)
            seen, made = {}, []
    return found


def _of_fdinfo(told: dict[str, str]) -> Numbers:
    def number(name: str) -> int:
        return int(told[f"{name}:"], 0)

    return Numbers(
        number("map_type"),
        number("key_size"),
        number("value_size"),
        number("max_entries"),
        number("map_flags"),
        map_extra=number("map_extra") if "map_extra:" in told else None,
    )
