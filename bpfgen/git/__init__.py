"""Sources of the past: a revision of a git repository, read through git's plumbing.

    words        what `git:REV:PATH` names
    repository   which repository that is, and which tree the revision has
    objects      the objects of a repository, by their ids
    tree         one revision as an opener of sources

Nothing here writes, fetches or asks, and nothing that a repository or its configuration holds is
run: see :mod:`bpfgen.git.repository`.
"""

from __future__ import annotations


class GitError(OSError):
    """Why git doesn't have what is asked for.

    Attributes:
        advice: What to type instead; empty where nothing helps.
    """

    def __init__(self, number: int, what: str, advice: str = "") -> None:
        super().__init__(number, what)
        self.advice = advice
