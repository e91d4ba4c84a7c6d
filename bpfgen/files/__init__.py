"""Files in, files out, and temporary files that outlive no killed process."""

ELFMAG = b"\x7fELF"
"""What an ELF file begins with (<elf.h>)."""

ID, NAME = "id:", "name:"
"""How a word begins that names a map of the running kernel, and is no path."""
