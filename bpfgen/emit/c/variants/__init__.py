"""The header of a source with conditions: the headers of its variants, as one with `#if`.

In order: :mod:`pieces` divides a header into what may stand between `#if` and `#endif`,
:mod:`alignment` finds the pieces that are the same, :mod:`branches` writes them, each once, and
:mod:`header` is what the rest of the program calls. Loaded where a source has variants.
"""
