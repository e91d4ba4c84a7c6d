"""What is generated for programs in user space, held against the real compilers and libraries.

:mod:`tests.user_space.go` and :mod:`tests.user_space.rust` run the toolchains. `.ci/toolchains`
fetches what `.ci/run` has: Go, staticcheck, bpf2go, cilium/ebpf; zerocopy, bytemuck, aya,
libbpf-rs. Without a tool a test is skipped and names it.

Go, with the libraries' compiled packages kept from run to run:

    module = go_module(tmp_path, {"maps.go": text}, needs_cilium=True)
    go(module, "vet", "./...", GOARCH="s390x")     # fails the test, with Go's own words
    done = go(module, "run", ".", check=False)     # done.returncode, done.stdout, done.stderr
    assert gofmt(text) == text
    staticcheck(module)
    program = bpf2go()                             # its path, as `require("bpf2go")`

Rust, with the crates compiled once and kept:

    project = cargo_project(tmp_path, {"src/lib.rs": text}, crates=("zerocopy", "libbpf-rs"))
    cargo(project, "check")                        # "clippy", "test", "doc", …
    program = cargo_build(project)                 # of src/main.rs, copied to the project
    assert rustfmt(text) == text
    rustc(tmp_path / "maps.rs", "--crate-type=lib", "--edition=2021")   # without cargo

Parametrized tests list their cases through `witnessed(cases, "go", "cilium-ebpf")` of
:mod:`tests.tools`, so that a machine without the tool skips one test and not each of them. The
names there: `go`, `gofmt`, `staticcheck`, `bpf2go`, `cilium-ebpf`, `cargo`, `rustc`, `rustfmt`,
`cargo-clippy`, `crates`.
"""
