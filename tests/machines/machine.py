"""One virtual machine: it boots a kernel, runs tests in this checkout, and is gone."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, NamedTuple

from tests.machines.initramfs import SCRATCH, initramfs
from tests.tools import CHECKOUT, TOOLCHAINS

if TYPE_CHECKING:
    from pathlib import Path

KERNELS = TOOLCHAINS / "kernels"
"""What `.ci/kernels` made: a folder for each kernel, and one of busybox."""

MEMORY = 1024
"""Megabytes of a machine."""


class Outcome(NamedTuple):
    """What came of one machine.

    Attributes:
        release: The kernel's own version, as `uname -r` says it; empty if it didn't come so far.
        passed: How many tests passed.
        skipped: Reasons, and how many tests were skipped for each.
        failed: The tests that failed, as pytest names them.
        seconds: How long it all took.
        incident: Why there is no result of tests; empty where there is one.
    """

    release: str
    passed: int
    skipped: dict[str, int]
    failed: list[str]
    seconds: float
    incident: str


def boot(
    kernel: Path, qemu: str, words: list[str], results: Path, *, accelerator: str, limit: float
) -> Outcome:
    """Run pytest with *words* on *kernel*; what it and the console say is in *results*.

    *limit* is in seconds: a machine that takes longer is ended.
    """
    results.mkdir(parents=True, exist_ok=True)
    for old in ("release", "tests.xml", "output"):
        (results / old).unlink(missing_ok=True)
    (results / "run").write_text(_script(words, limit))
    (results / "initramfs").write_bytes(initramfs(kernel, KERNELS / "busybox/bin/busybox"))
    started = time.monotonic()
    try:
        with (results / "console").open("wb") as console:
            subprocess.run(
                _command(kernel, qemu, results, accelerator),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                timeout=limit,
                check=False,
            )
        incident = "" if (results / "tests.xml").exists() else "it wrote no results"
    except subprocess.TimeoutExpired:
        incident = f"it was ended after {limit:.0f} s"
    return _outcome(results, time.monotonic() - started, incident)


def _command(kernel: Path, qemu: str, results: Path, accelerator: str) -> list[str]:
    [image] = kernel.rglob("vmlinuz*")
    command = [qemu, "-accel", accelerator, "-cpu", "max" if accelerator == "tcg" else "host"]
    # One CPU, and a second one that may come: two that are possible.
    command += ["-smp", "1,maxcpus=2", "-m", str(MEMORY)]
    command += ["-nodefaults", "-no-reboot", "-display", "none", "-serial", "stdio"]
    command += ["-kernel", str(image), "-initrd", str(results / "initramfs")]
    command += ["-append", "console=ttyS0 quiet panic=-1"]
    shared = (("host", "/", ",readonly=on,multidevs=remap"), ("results", str(results), ""))
    for tag, folder, options in shared:
        path = folder.replace(",", ",,")  # qemu's own way to have one in a value
        command += ["-fsdev", f"local,id={tag},path={path},security_model=none{options}"]
        command += ["-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag}"]
    return command


def _script(words: list[str], limit: float) -> str:
    """Return what the machine runs, with the variables of this process that name tools.

    It sees to the *limit* itself as well, a little before: pytest then says how far it came, and
    whoever waits for the machine may have been killed.
    """
    kept = ("PATH", "LANG", "BPFGEN_TOOLCHAINS")
    variables = {name: os.environ[name] for name in kept if name in os.environ}
    variables |= {"HOME": SCRATCH, "TMPDIR": SCRATCH, "PYTHONDONTWRITEBYTECODE": "1"}
    variables |= {"BPFGEN_ALONE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    command += ["--junitxml=/dev/results/tests.xml", *words]
    assignments = shlex.join(f"{name}={value}" for name, value in variables.items())
    return f"""\
uname -r >/dev/results/release
ulimit -l unlimited # as loaders do for kernels that charge maps to it
cd {shlex.quote(str(CHECKOUT))}
timeout --signal=INT --kill-after=20 {limit * 0.9:.0f} env -i {assignments} \\
    {shlex.join(command)} >/dev/results/output 2>&1
"""


def _outcome(results: Path, seconds: float, incident: str) -> Outcome:
    release = results / "release"
    version = release.read_text().strip() if release.exists() else ""
    if incident:
        return Outcome(version, 0, {}, [], seconds, incident)
    passed, skipped, failed = 0, dict[str, int](), list[str]()
    tests = ET.parse(results / "tests.xml")  # noqa: S314 -- our own tests wrote it
    for case in tests.iter("testcase"):
        name = f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}"
        skip = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            failed.append(name)
        elif skip is not None:
            reason = skip.get("message", "")
            skipped[reason] = skipped.get(reason, 0) + 1
        else:
            passed += 1
    return Outcome(version, passed, skipped, failed, seconds, "")
