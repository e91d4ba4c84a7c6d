"""The files below share/: completions and the manual page, as distributions install them.

python -m bpfgen.commands.share        writes them anew (in a checkout)
"""

from __future__ import annotations

import os

from bpfgen.commands.completions import script
from bpfgen.commands.manual import manual

_MADE_BY = {
    "bash-completion/completions/bpfgen": lambda: script("bash"),
    "zsh/site-functions/_bpfgen": lambda: script("zsh"),
    "fish/vendor_completions.d/bpfgen.fish": lambda: script("fish"),
    "man/man1/bpfgen.1": manual,
}


def shared_files() -> dict[str, str]:
    """Return the text of each file, by its path below share/."""
    return {path: make() for path, make in _MADE_BY.items()}


def main() -> None:
    """Write them into the share/ of the checkout."""
    from bpfgen.files.writing import write

    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for path, text in shared_files().items():
        place = os.path.join(os.path.dirname(package), "share", path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        write(place, text.encode())


if __name__ == "__main__":
    main()
