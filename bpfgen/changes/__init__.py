"""What a change of a source breaks: two models compared, after resolving and before any output.

    pairs      which map and type of NEW is which of OLD, renamed ones among them
    pin        will a loader reuse the pinned map?
    layout     do old bytes, or an old reader, mean the same?
    inner      may an inner map still stand in its slot?
    link       does an object with the old `extern` still link?
    source     does code that uses the outputs still compile?

Each category is a row of :data:`bpfgen.changes.categories.CATEGORIES`, each rule one of
:data:`bpfgen.changes.rules.RULES`. Models are compared, never texts.
"""
