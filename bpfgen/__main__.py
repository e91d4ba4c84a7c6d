"""`python -m bpfgen` is the command `bpfgen`."""

from __future__ import annotations

import sys

from bpfgen.cli import main

if __name__ == "__main__":
    sys.exit(main())
