"""An existing object -> source in the language that compiles back to the same maps.

The reverse of the compiler, in two ways: :mod:`from_object` begins with the maps and types of an
:class:`~bpfgen.object.ObjectFile`, :mod:`from_c` with C. Both give :mod:`items`, declarations as
text with the :mod:`names` that C accepts; :mod:`repair` compiles them, adds allowances where a rule
is broken and leaves out what can't be declared, and :mod:`differences` holds the result against the
object.
"""

from __future__ import annotations

from bpfgen.importer.from_object.source import import_object
from bpfgen.importer.items import Imported

__all__ = ["Imported", "import_object"]
