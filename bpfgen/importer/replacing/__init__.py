"""Definitions in C files -> sources, their headers, and an `#include` where the definitions were.

:mod:`cutting` takes stretches out of a text, :mod:`placing` finds where a header goes,
:mod:`stretches` says what has to go, :mod:`changes` how a file may change, :mod:`programs`, with
:mod:`same_maps` and :mod:`same_types`, holds two objects against each other, :mod:`proof` compiles
a program, :mod:`moves` says what is replaced, :mod:`proving` what a program becomes with that, and
:mod:`replace` puts it together: what it returns is proved.
"""
