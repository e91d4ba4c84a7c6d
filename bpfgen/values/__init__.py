"""Types → values: the bytes of keys and values as people and programs read them.

After :mod:`bpfgen.ctype`, whose types say what is where; whoever has bytes of a map asks.
In order: :mod:`shapes` says what value a type is, :mod:`sections` makes a type of a section of
variables, :mod:`bits` reads bit-fields, :mod:`styles` says how values look in JSON and to people,
:mod:`columns` renders many at once, and :mod:`printer` is what others ask of text; :mod:`views` are
values of Python over bytes, :mod:`access` makes them for a type, and :mod:`wanted` takes what is
given for one.
"""
