"""Writes bpfgen/kernel/vmlinux_names.txt: what every vmlinux.h declares.

    python -m tests.conformance.vmlinux_names 6.1=a/vmlinux.h 6.12=b/vmlinux.h 7.2=c/vmlinux.h

Each header is one that `bpftool btf dump file VMLINUX format c` wrote; Debian has some ready in its
package linux-bpf-dev. A name that one of them lacks is left out, since it breaks some programs
only; a kernel function counts where a header has prototypes at all (bpftool 7.5 and later).
The names that bpftool makes of a second type of one name (`NONE___2`) are nobody's. What the
prelude declares is left out, since declaring it again is an error of its own.
"""

from __future__ import annotations

import re
import sys
from functools import reduce
from pathlib import Path

from bpfgen.kernel.vmlinux import KINDS, TAGS
from bpfgen.providers.prelude import Prelude
from tests.tools import CHECKOUT

_TAG = re.compile(r"^(struct|union|enum) (\w+)(?: : \w+)? \{", re.MULTILINE)
_TYPEDEF = re.compile(r"^typedef ([^;{]*);", re.MULTILINE)
_TYPEDEF_OF_BODY = re.compile(r"^\}(?: __attribute__\(\(.*?\)\))* (\w+)(?:\[\d*\])*;", re.MULTILINE)
_ENUM_BODY = re.compile(r"\benum(?: \w+)?(?: : \w+)? \{([^}]*)\}")
_FUNCTION = re.compile(r"^extern [^;(]*?(\w+)\(", re.MULTILINE)
_POINTED = re.compile(r"\(\*+ *(?:(?:const|volatile|restrict) )*(\w+)")
_CALLED = re.compile(r"(\w+)\(")
_PLAIN = re.compile(r"(\w+)(?:\[\d*\])*$")
_FLAVOUR = re.compile(r"___\w+$")

NAMES = CHECKOUT / "bpfgen" / "kernel" / "vmlinux_names.txt"


def names_of(header: str) -> dict[str, set[str]]:
    """Return the names that the text *header* declares at file scope, by kind."""
    names: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for tag in _TAG.finditer(header):
        names[tag[1]].add(tag[2])
    for typedef in _TYPEDEF.finditer(header):
        words = typedef[1].strip()
        found = _POINTED.search(words) or _CALLED.search(words) or _PLAIN.search(words)
        assert found is not None, words
        names["typedef"].add(found[1])
    names["typedef"].update(found[1] for found in _TYPEDEF_OF_BODY.finditer(header))
    names["function"].update(found[1] for found in _FUNCTION.finditer(header))
    for body in _ENUM_BODY.finditer(header):
        names["enumerator"].update(re.findall(r"(\w+)(?: = [^,]*)?,", f"{body[1]},"))
    return {
        kind: {name for name in found if not _FLAVOUR.search(name)} for kind, found in names.items()
    }


def text_of(headers: dict[str, str]) -> str:
    """Return the file's contents from *headers*, texts by version."""
    everywhere = [names_of(header) for header in headers.values()]
    lines = [", ".join(headers)]
    prelude = Prelude.shared()
    for kind in KINDS:
        sets = [names[kind] for names in everywhere if names[kind]]
        common = reduce(set.intersection, sets) if sets else set()
        common -= {name for name in common if prelude.declares(name, tag=kind in TAGS)}
        lines += [f"[{kind}]", *sorted(common)]
    return "\n".join(lines) + "\n[]\n"


def main(words: list[str]) -> int:
    """Write the file from the headers that *words* name."""
    headers = {}
    for word in words:
        version, _, path = word.partition("=")
        headers[version] = Path(path).read_text(encoding="utf-8")
    NAMES.write_text(text_of(headers), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
