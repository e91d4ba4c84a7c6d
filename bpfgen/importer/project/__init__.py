"""Many C files -> sources that import each other, one for each file that declares something.

:mod:`discovery` finds programs and headers, :mod:`contexts` imports each program with its headers
of maps, :mod:`pieces` cuts that up, :mod:`assembly` gives each declaration to the source of the
file that it stands in, :mod:`writing` writes the sources, :mod:`proof` compiles them and holds them
against the programs' objects, and :mod:`importing` puts it together. :mod:`records` says what came
of each file.
"""
