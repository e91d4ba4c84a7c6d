"""What an object says of its maps, as JSON, as a table, as C with offsets.

The reading is :mod:`bpfgen.object`'s; `bpfgen inspect` is the command. In order: :mod:`declaration`
spells a type on one line, :mod:`json` makes the record of one object, :mod:`table` the table for
people, and :mod:`types` lays types out with offsets and holes.
"""
