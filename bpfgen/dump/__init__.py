"""What is in a map of the running kernel, as JSON lines for programs and as a table for people.

Between :mod:`bpfgen.live.contents`, whose batches are bytes, and the command. In order:
:mod:`readable` says which kinds can be dumped, :mod:`columns` and its neighbours
:mod:`references`, :mod:`operations`, :mod:`prefixes` and :mod:`frames` render keys and values of a
batch, column by column, :mod:`view` says which column a map has, :mod:`json_lines` and
:mod:`text` put them together. :mod:`pages` has the memory of an arena.
"""
