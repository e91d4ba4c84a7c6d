"""The toolchains do what the other tests rely on: they compile, run, and find what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tools import require_root, witnessed
from tests.user_space.commands import run
from tests.user_space.go import bpf2go, go, go_build, go_module, gofmt, staticcheck
from tests.user_space.rust import cargo, cargo_build, cargo_project, clippy, rustc, rustfmt

if TYPE_CHECKING:
    from pathlib import Path

GO_PROGRAM = """\
package main

import (
	"fmt"

	"github.com/cilium/ebpf"
)

func main() {
	spec := &ebpf.MapSpec{Type: ebpf.Hash, KeySize: 4, ValueSize: 8, MaxEntries: 4}
	flows, err := ebpf.NewMap(spec)
	if err != nil {
		panic(err)
	}
	defer flows.Close()
	if err := flows.Put(uint32(7), uint64(9)); err != nil {
		panic(err)
	}
	var value uint64
	if err := flows.Lookup(uint32(7), &value); err != nil {
		panic(err)
	}
	fmt.Println(value)
}
"""

GO_UNUSED = """\
package maps

type unused struct{}
"""

RUST_PROGRAM = """\
use libbpf_rs::{MapCore, MapFlags, MapHandle, MapType};

fn main() {
    let options = libbpf_rs::libbpf_sys::bpf_map_create_opts {
        sz: std::mem::size_of::<libbpf_rs::libbpf_sys::bpf_map_create_opts>() as _,
        ..Default::default()
    };
    let flows = MapHandle::create(MapType::Hash, Some("flows"), 4, 8, 4, &options).unwrap();
    let key = 7u32.to_ne_bytes();
    let nine = 9u64.to_ne_bytes();
    flows.update(&key, &nine, MapFlags::ANY).unwrap();
    let value = flows.lookup(&key, MapFlags::ANY).unwrap().unwrap();
    println!("{}", u64::from_ne_bytes(value.try_into().unwrap()));
}
"""

RUST_LIBRARY = """\
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[derive(zerocopy::FromBytes, zerocopy::IntoBytes, zerocopy::Immutable, zerocopy::KnownLayout)]
#[derive(bytemuck::Pod, bytemuck::Zeroable)]
pub struct Key {
    pub saddr: u32,
    pub port: {port},
}

unsafe impl aya::Pod for Key {}
"""


def test_a_program_in_go_creates_a_map(tmp_path: Path) -> None:
    """Through cilium/ebpf, built without a network."""
    require_root()
    module = go_module(tmp_path, {"main.go": GO_PROGRAM}, needs_cilium=True)
    assert gofmt(GO_PROGRAM) == GO_PROGRAM
    staticcheck(module)
    assert run([go_build(module)]).stdout == "9\n"


def test_go_is_vetted_for_other_machines(tmp_path: Path) -> None:
    """A size that is another one on 386 is found without running anything."""
    text = 'package maps\n\nimport "unsafe"\n\nvar _ [unsafe.Sizeof(uintptr(0))]byte = [8]byte{}\n'
    module = go_module(tmp_path, {"maps.go": text})
    go(module, "vet", "./...", GOARCH="s390x")
    assert go(module, "vet", "./...", check=False, GOARCH="386").returncode != 0


def test_staticcheck_finds_what_vet_does_not(tmp_path: Path) -> None:
    """A type that nothing uses."""
    module = go_module(tmp_path, {"maps.go": GO_UNUSED})
    go(module, "vet", "./...")
    with pytest.raises(pytest.fail.Exception, match="U1000"):
        staticcheck(module)


def test_bpf2go_is_here() -> None:
    """It writes Go for an object, which ours is compared with."""
    assert "bpf2go" in run([bpf2go(), "-help"], check=False).stdout


def test_a_program_in_rust_creates_a_map(tmp_path: Path) -> None:
    """Through libbpf-rs, built without a network."""
    require_root()
    project = cargo_project(tmp_path, {"src/main.rs": RUST_PROGRAM}, crates=["libbpf-rs"])
    assert rustfmt(RUST_PROGRAM) == RUST_PROGRAM
    assert run([cargo_build(project)]).stdout == "9\n"


@pytest.mark.parametrize(("port", "refused"), witnessed([("u32", ""), ("u16", "E0277")], "crates"))
def test_derives_of_the_crates_judge_a_layout(tmp_path: Path, port: str, refused: str) -> None:
    """zerocopy and bytemuck refuse padding."""
    files = {"src/lib.rs": RUST_LIBRARY.replace("{port}", port)}
    crates = ["zerocopy", "bytemuck", "aya"]
    project = cargo_project(tmp_path, files, crates=crates)
    done = cargo(project, "check", check=False)
    assert (done.returncode != 0) is bool(refused)
    assert refused in done.stderr


def test_clippy_warnings_are_errors(tmp_path: Path) -> None:
    """What it says by default."""
    text = "pub fn all(text: &str) -> bool {\n    text.len() == 0\n}\n"
    project = cargo_project(tmp_path, {"src/lib.rs": text})
    done = clippy(project, check=False)
    assert done.returncode != 0
    assert "len_zero" in done.stderr


def test_rustc_alone(tmp_path: Path) -> None:
    """A file without crates needs no cargo."""
    source = tmp_path / "maps.rs"
    source.write_text("#![no_std]\nconst _: () = assert!(core::mem::size_of::<u16>() == 2);\n")
    rustc(source, "--crate-type=lib", "--emit=metadata")
