"""Damage to objects, byte by byte: a patcher of ELF and BTF, apart from bpfgen's own reader.

It takes an object apart into words, lets a test change them, and puts it together again, BTF at the
end of the file. Sources: gABI, chapters 4 and 5; Documentation/bpf/btf.rst.
"""

from __future__ import annotations

import struct

INT, PTR, ARRAY, STRUCT, UNION, ENUM, FWD, TYPEDEF = range(1, 9)
VOLATILE, CONST, RESTRICT, FUNC, FUNC_PROTO, VAR, DATASEC, FLOAT, DECL_TAG, TYPE_TAG, ENUM64 = (
    range(9, 20)
)

_EXTRA_WORDS = {INT: 1, ARRAY: 3, VAR: 1, DECL_TAG: 1}
_WORDS_EACH = {STRUCT: 3, UNION: 3, ENUM: 2, FUNC_PROTO: 2, DATASEC: 3, ENUM64: 3}

_SECTION = "IIQQQQIIQQ"
_SYMBOL = "IBBHQQ"
STB_LOCAL, STB_GLOBAL, STB_WEAK = 0, 1, 2


class Patch:
    """An object that can be changed.

    Attributes:
        data: The bytes of the file, without changes to BTF.
        types: The words of each BTF type by its id; that of `void` is empty.
        strings: BTF's string section.
    """

    def __init__(self, data: bytes) -> None:
        self.data = bytearray(data)
        self.order = "<" if data[5] == 1 else ">"
        (self._shoff,) = self._unpack("Q", 40)
        self._shnum, self._shstrndx = self._unpack("HH", 60)
        self._btf = self.section_index(".BTF")
        offset, size = self._place(".BTF")
        raw = bytes(self.data[offset : offset + size])
        self._magic = raw[:8]
        self._swapped = False
        type_off, type_len, str_off, str_len = struct.unpack_from(f"{self.order}4I", raw, 8)
        types = raw[24 + type_off : 24 + type_off + type_len]
        self.strings = bytearray(raw[24 + str_off : 24 + str_off + str_len])
        words = list(struct.unpack(f"{self.order}{len(types) // 4}I", types))
        self.types: list[list[int]] = [[]]
        while words:
            kind, vlen = words[1] >> 24 & 31, words[1] & 0xFFFF
            length = 3 + _EXTRA_WORDS.get(kind, 0) + vlen * _WORDS_EACH.get(kind, 0)
            self.types.append(words[:length])
            words = words[length:]

    def _unpack(self, form: str, at: int) -> tuple[int, ...]:
        return struct.unpack_from(self.order + form, self.data, at)

    def _pack(self, form: str, at: int, *values: int) -> None:
        struct.pack_into(self.order + form, self.data, at, *values)

    # -- ELF ---------------------------------------------------------------------------------

    def _header(self, index: int) -> int:
        return self._shoff + index * struct.calcsize(self.order + _SECTION)

    def section_names(self) -> list[str]:
        """Return the names of all sections, in order."""
        strings = self._unpack(_SECTION, self._header(self._shstrndx))[4]
        return [
            self._text(strings + self._unpack("I", self._header(index))[0])
            for index in range(self._shnum)
        ]

    def _text(self, at: int) -> str:
        return self.data[at : self.data.index(0, at)].decode()

    def section_index(self, name: str) -> int:
        """Return the number of section *name*."""
        return self.section_names().index(name)

    def _place(self, name: str) -> tuple[int, int]:
        section = self._unpack(_SECTION, self._header(self.section_index(name)))
        return section[4], section[5]

    def rename_section(self, old: str, new: str) -> None:
        """Give section *old* another name, at most as long; names may share their tails."""
        strings = self._unpack(_SECTION, self._header(self._shstrndx))[4]
        (name,) = self._unpack("I", self._header(self.section_index(old)))
        if old.endswith(new):
            self._pack("I", self._header(self.section_index(old)), name + len(old) - len(new))
            return
        assert len(new) <= len(old)
        self.data[strings + name : strings + name + len(old)] = new.encode().ljust(len(old), b"\0")

    def set_section_size(self, name: str, size: int) -> None:
        """Change the size in the header of section *name*."""
        self._pack("Q", self._header(self.section_index(name)) + 32, size)

    def set_bytes(self, section: str, offset: int, number: int, size: int = 4) -> None:
        """Write *number* at *offset* of *section*."""
        start = self._place(section)[0] + offset
        order = "little" if self.order == "<" else "big"
        self.data[start : start + size] = number.to_bytes(size, order)  # type: ignore[arg-type]

    def set_machine(self, machine: int) -> None:
        """Change e_machine."""
        self._pack("H", 18, machine)

    def _symbol(self, name: str) -> int:
        start, size = self._place(".symtab")
        names = self._place(".strtab")[0]
        for at in range(start, start + size, 24):
            if self._text(names + self._unpack("I", at)[0]) == name:
                return at
        raise KeyError(name)

    def symbol_number(self, name: str) -> int:
        """Return the index of symbol *name*."""
        return (self._symbol(name) - self._place(".symtab")[0]) // 24

    def symbol(self, name: str) -> dict[str, int]:
        """Return the members of symbol *name* by their gABI names, without `st_`."""
        values = self._unpack(_SYMBOL, self._symbol(name))
        return dict(zip(("name", "info", "other", "shndx", "value", "size"), values, strict=True))

    def set_symbol(self, name: str, **members: int) -> None:
        """Change members of symbol *name*."""
        values = {**self.symbol(name), **members}
        self._pack(_SYMBOL, self._symbol(name), *values.values())

    def bind(self, name: str, bind: int) -> None:
        """Change the binding of symbol *name*."""
        self.set_symbol(name, info=bind << 4 | self.symbol(name)["info"] & 15)

    def relocations(self, section: str) -> list[tuple[int, int, int]]:
        """Return (place in the file, r_offset, r_info) of each relocation of *section*."""
        start, size = self._place(f".rel{section}")
        return [(at, *self._unpack("QQ", at)) for at in range(start, start + size, 16)]  # type: ignore[misc]

    def move_relocation(self, section: str, old: int, new: int) -> None:
        """Move the relocation at *old* of *section* to *new*."""
        at = next(at for at, offset, _info in self.relocations(section) if offset == old)
        self._pack("Q", at, new)

    def retarget(self, section: str, offset: int, symbol: str) -> None:
        """Let the relocation at *offset* of *section* refer to *symbol*."""
        at, _, info = next(each for each in self.relocations(section) if each[1] == offset)
        self._pack("Q", at + 8, self.symbol_number(symbol) << 32 | info & 0xFFFFFFFF)

    def drop_relocations(self, section: str) -> None:
        """Take all relocations of *section* away."""
        self._pack("Q", self._header(self.section_index(f".rel{section}")) + 32, 0)

    # -- BTF ---------------------------------------------------------------------------------

    def string(self, text: str) -> int:
        """Return the offset of *text* in the strings, adding it if it isn't there."""
        encoded = text.encode() + b"\0"
        at = self.strings.find(b"\0" + encoded)
        if at >= 0:
            return at + 1
        self.strings += encoded
        return len(self.strings) - len(encoded)

    def kind(self, type_id: int) -> int:
        """Return the kind of a type."""
        return self.types[type_id][1] >> 24 & 31

    def name(self, type_id: int) -> str:
        """Return the name of a type."""
        at = self.types[type_id][0]
        return self.strings[at : self.strings.index(0, at)].decode()

    def find(self, kind: int, name: str) -> int:
        """Return the id of the first type of *kind* and *name*."""
        for type_id in range(1, len(self.types)):
            if self.kind(type_id) == kind and self.name(type_id) == name:
                return type_id
        raise KeyError(name)

    def rename(self, type_id: int, name: str) -> None:
        """Give a type another name."""
        self.types[type_id][0] = self.string(name)

    def set_kind(self, type_id: int, kind: int) -> None:
        """Change the kind of a type, nothing else."""
        words = self.types[type_id]
        words[1] = words[1] & 0xE0FFFFFF | kind << 24

    def add(self, *words: int) -> int:
        """Append a type; return its id."""
        self.types.append(list(words))
        return len(self.types) - 1

    def element(self, type_id: int, name: str) -> tuple[list[int], int]:
        """Return the words of a type and where its member, enumerator or parameter begins."""
        words = self.types[type_id]
        each = _WORDS_EACH[self.kind(type_id)]
        for at in range(3, len(words), each):
            start = words[at]
            if self.strings[start : self.strings.index(0, start)].decode() == name:
                return words, at
        raise KeyError(name)

    def remove(self, type_id: int, at: int) -> None:
        """Take the element that begins at word *at* out of a type."""
        words = self.types[type_id]
        del words[at : at + _WORDS_EACH[self.kind(type_id)]]
        words[1] -= 1

    def definition(self, variable: str) -> int:
        """Return the id of the struct that the variable (or template struct) is of."""
        type_id = self.types[self.find(VAR, variable)][2]
        while self.kind(type_id) != STRUCT:
            type_id = self.types[type_id][2]
        return type_id

    def new_number(self, struct_id: int, attribute: str, number: int) -> None:
        """Let *attribute* of a definition struct point to an array of *number* elements."""
        words, at = self.element(struct_id, attribute)
        array_id = self.types[words[at + 1]][2]
        array = list(self.types[array_id])
        array[5] = number
        words[at + 1] = self.add(0, PTR << 24, self.add(*array))

    def new_element(self, struct_id: int, attribute: str, element_id: int) -> None:
        """Let the array that *attribute* of a definition struct points to be of *element_id*."""
        words, at = self.element(struct_id, attribute)
        array = list(self.types[self.types[words[at + 1]][2]])
        array[3] = element_id
        words[at + 1] = self.add(0, PTR << 24, self.add(*array))

    def point(self, struct_id: int, attribute: str, type_id: int) -> None:
        """Let *attribute* of a definition struct point to *type_id*."""
        words, at = self.element(struct_id, attribute)
        words[at + 1] = self.add(0, PTR << 24, type_id)

    def swap_magic(self) -> None:
        """Give the header of BTF the other byte order."""
        self._magic = self._magic[1::-1] + self._magic[2:4] + self._magic[7:3:-1]
        self._swapped = not self._swapped

    def finish(self) -> bytes:
        """Return the changed object."""
        types = b"".join(
            struct.pack(f"{self.order}{len(words)}I", *words) for words in self.types[1:]
        )
        order = self.order if not self._swapped else "<>"[self.order == "<"]
        sizes = struct.pack(f"{order}4I", 0, len(types), len(types), len(self.strings))
        btf = self._magic + sizes + types + bytes(self.strings)
        result = bytearray(self.data)
        result += b"\0" * (-len(result) % 8)
        header = self._header(self._btf)
        struct.pack_into(f"{self.order}QQ", result, header + 24, len(result), len(btf))
        return bytes(result + btf)
