//! Before the agent is compiled: the types of the maps in Rust, and the BPF program.

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=../bpf");
    println!("cargo:rerun-if-env-changed=CLANG");
    let out = std::env::var("OUT_DIR").expect("cargo sets it");
    let clang = std::env::var("CLANG").unwrap_or("clang".into());
    let object = format!("{out}/calls.bpf.o");
    // Where Debian has asm/types.h, in which clang doesn't look for BPF.
    let machine = std::env::var("CARGO_CFG_TARGET_ARCH").expect("cargo sets it");
    let headers = format!("/usr/include/{machine}-linux-gnu");

    for name in ["task", "calls"] {
        run(Command::new("bpfgen")
            .args([&format!("../bpf/{name}.dsl"), "--accessors"])
            .args(["-o", &format!("{out}/{name}.h")])
            .args(["-o", &format!("{out}/{name}.rs")]));
    }
    run(Command::new(clang)
        .args(["--target=bpf", "-g", "-O2", "-Wall", "-I", &out])
        .args(["-idirafter", &headers])
        .args(["-c", "../bpf/calls.bpf.c", "-o", &object]));
    run(Command::new("bpfgen").args(["verify", &object, "../bpf/calls.dsl"]));
}

fn run(command: &mut Command) {
    let status = command.status();
    assert!(status.is_ok_and(|status| status.success()), "{command:?}");
}
