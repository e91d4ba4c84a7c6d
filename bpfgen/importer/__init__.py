"""An existing object -> source in the language that compiles back to the same maps.

The reverse of the compiler. :mod:`object_maps` walks over the maps of an
:class:`~bpfgen.object.ObjectFile` and makes model values of them, :mod:`object_types` does so for
the types, :mod:`layouts` finds the attributes that BTF doesn't record, :mod:`names` gives names
that C accepts, and :mod:`sound` compiles the text, adds allowances where the object breaks a rule,
leaves out what can't be expressed, and holds the result against the object.
"""

from __future__ import annotations

from bpfgen.importer.repair import Imported, import_object

__all__ = ["Imported", "import_object"]
