"""What the style may want before a token: gaps.py says which, layout.py follows it."""

NONE = 0
"""Nothing."""

SPACE = 1
"""A space."""

SPACE_OR_LINE = 2
"""A space, or the line end that was written."""

WRITTEN = 3
"""In an expression: a space, a line end or nothing, whichever was written."""

OPEN = 4
"""After a bracket: nothing, or the line end that was written."""

CLOSE = 5
"""Before the bracket that closes the one of an :data:`OPEN`: as after that."""

LINE = 6
"""A new line for a declaration, a member, an enumerator, a slot, an attribute of a map, or a `}`.

In braces that were written on one line it is a space.
"""

BLOCK = 7
"""A space before the brace of a block, which always has lines of its own."""

SEMICOLON = 8
"""Nothing; a new line after a comment, or at the beginning: this `;` ends nothing."""
