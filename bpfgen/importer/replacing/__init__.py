"""Definitions in C files -> a source, its header, and an `#include` where the definitions were.

:mod:`cutting` takes stretches out of a text, :mod:`placing` finds where the header goes,
:mod:`programs` and :mod:`same_types` hold two objects against each other, :mod:`proof` compiles a
program before and after, and :mod:`replace` puts it together: what it returns is proved.
"""
