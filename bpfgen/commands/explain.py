"""`bpfgen explain CODE`: what a diagnostic means, with an example."""

from __future__ import annotations

from bpfgen.commands import DONE, UsageError
from bpfgen.terminal import write_output

_HELP = """\
usage: bpfgen explain CODE

Says what a diagnostic means. The code stands in brackets in the message:

  error[map-key-size]: …
  bpfgen explain map-key-size
"""

EXPLANATIONS: dict[str, str] = {
    "encoding": """\
The source is text in UTF-8. A byte that no UTF-8 text has at this place, or a NUL byte, means
that the file is in another encoding (Latin-1, UTF-16) or is no text at all.
""",
    "clang": """\
The C that bpfgen wrote did not please clang, or a C header that the file includes did not. The
message is clang's own, at the declaration that it is about. Where no `include` is involved,
bpfgen is wrong: please report it with the source.
""",
    "unverified": """\
A header was written without having been compiled and read back, since there is no clang with the
bpf target. It is what bpfgen means to be right, and nothing has proven it.

  apt install clang              or
  pip install 'bpfgen[clang]'    makes verification possible
  --no-verify                    says that none is wanted
  --verify                       makes a missing clang an error
""",
    "tool-missing": """\
What was asked for needs a C compiler with the bpf target: objects, verification that was asked
for, and files that include C headers, whose types only the compiler knows.

bpfgen takes --clang PATH, else what BPFGEN_CLANG names, else the newest `clang` or `clang-NN` on
the PATH, else the clang of the Python package ziglang, which `pip install 'bpfgen[clang]'` brings.
""",
    "file": """\
A file named on the command line could not be read or written; the message has the reason of the
operating system. Nothing was changed.
""",
    "usage": """\
The command line makes no sense as it stands. `bpfgen --help` lists commands and options.
""",
}
"""What the codes mean that come from the command line and the compiler; rules bring their own."""


def run(words: list[str]) -> int:
    """Print the explanation of the code that *words* name, or the list of codes."""
    if words in (["-h"], ["--help"]):
        write_output(_HELP)
        return DONE
    if len(words) != 1 or words[0].startswith("-"):
        raise UsageError("`bpfgen explain` takes one code", "bpfgen explain map-key-size")
    code = words[0]
    known = explanations()
    if code not in known:
        from bpfgen.spelling import did_you_mean

        raise UsageError(f"there is no explanation of `{code}`", did_you_mean(code, known))
    write_output(f"{code}\n\n{known[code].rstrip()}\n")
    return DONE


def explanations() -> dict[str, str]:
    """Return what is known of every code: the rules' own documentation and ours."""
    found = dict(EXPLANATIONS)
    try:
        from bpfgen import rules
    except ImportError:
        return found
    found.update(getattr(rules, "EXPLANATIONS", {}))
    return found
