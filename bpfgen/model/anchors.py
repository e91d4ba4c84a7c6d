"""The names of anchors: variables that keep a type whole in BTF, or an extern map in the object.

A header has them after its declarations, the reader of objects looks for them, and verification
knows them from what is a stranger's. Their section is one that no loader looks at.
"""

from __future__ import annotations

SECTION = "bpfgen.anchor"
"""Of every anchor."""

TYPE_PREFIX = "bpfgen_type_"
"""Before the tag of a type that would be lost."""

OTHER_TYPE_PREFIXES = ("bpfgen_bare_type_", "bpfgen_volatile_type_", "bpfgen_const_volatile_type_")
"""The same, where the anchor doesn't point to the const type but to one qualified like this.

Two headers of one program may have anchors for one type: under one name they must be of one kind.
"""

RECORD_PREFIX = "bpfgen_record_"
"""Before the name of the map whose records are of the type that the anchor points to."""

EXTERN_PREFIX = "bpfgen_extern_"
"""Before the name of an extern map that nothing may use."""

NUMBER_ELEMENTS = ("int", "char")
"""What the attributes of a definition point to arrays of, `__uint` and large numbers: no records.

Records of such a type are const there.
"""

PREFIXES = (TYPE_PREFIX, *OTHER_TYPE_PREFIXES, RECORD_PREFIX, EXTERN_PREFIX)
"""What the name of every anchor begins with."""
