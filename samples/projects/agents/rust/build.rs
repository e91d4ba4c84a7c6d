//! Before the agent is compiled: the types of the maps in Rust, and the BPF program.

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=../bpf");
    let out = std::env::var("OUT_DIR").expect("cargo sets it");
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
    run(Command::new(clang())
        .args(["--target=bpf", "-g", "-O2", "-Wall", "-I", &out])
        .args(["-idirafter", &headers])
        .args(["-c", "../bpf/calls.bpf.c", "-o", &object]));
    run(Command::new("bpfgen").args(["verify", &object, "../bpf/calls.dsl"]));
}

/// Returns the program that compiles for BPF: where there is clang-19 alone, Debian has no clang.
fn clang() -> String {
    println!("cargo:rerun-if-env-changed=CLANG");
    if let Ok(name) = std::env::var("CLANG") {
        return name;
    }
    let versions = (14..=22).rev().map(|version| format!("clang-{version}"));
    std::iter::once("clang".to_owned())
        .chain(versions)
        .find(|name| Command::new(name).arg("--version").output().is_ok())
        .expect("there is no clang on the PATH; install one, or set CLANG to its path")
}

fn run(command: &mut Command) {
    match command.status() {
        Ok(status) => assert!(status.success(), "{command:?}: {status}"),
        Err(error) => panic!("{command:?}: {error}"),
    }
}
