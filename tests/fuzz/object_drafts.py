"""Objects as drafts that can be changed and put together again: sections, types, strings.

A :class:`Draft` is an ELF file taken apart, a :class:`TypesDraft` its BTF. Neither asks whether
what it holds makes sense: that is what they are for. Both know nothing of the reader under test.
"""

from __future__ import annotations

import struct

ELF_HEADER = {2: "4sBBB9xHHIQQQIHHHHHH", 1: "4sBBB9xHHIIIIIHHHHHH"}
SECTION_HEADER = {2: "IIQQQQIIQQ", 1: "IIIIIIIIII"}
SYMBOL = {2: "IBBHQQ", 1: "IIIBBH"}

# Members of a section header, by their places
NAME, TYPE, FLAGS, ADDRESS, OFFSET, SIZE, LINK, INFO, ALIGNMENT, ENTSIZE = range(10)

PROGBITS, SYMTAB, STRTAB, RELA, NOBITS, REL, SYMTAB_SHNDX = 1, 2, 3, 4, 8, 9, 18

U32 = 0xFFFFFFFF
U64 = 0xFFFFFFFFFFFFFFFF


class SectionDraft:
    """One section: its header, and its bytes, which say where and how long it is.

    Attributes:
        lies: Members of the header that shall say something else in the end, by their places.
    """

    __slots__ = ("data", "header", "lies", "name")

    def __init__(self, name: str, header: list[int], data: bytes) -> None:
        self.name = name
        self.header = header
        self.data = data
        self.lies: dict[int, int] = {}

    def copy(self) -> SectionDraft:
        """Return one that can be changed without this one's noticing."""
        made = SectionDraft(self.name, list(self.header), self.data)
        made.lies = dict(self.lies)
        return made


class Draft:
    """An ELF file, taken apart.

    Attributes:
        order: `<` or `>`.
        elf_class: 2 for 64 bits, 1 for 32.
        head: e_type, e_machine and e_flags.
        sections: All of them, the null section first.
        names: The index of the section of names.
        lies: Members of the ELF header that shall say something else: shoff, shentsize, shnum,
            shstrndx, class, encoding.
    """

    __slots__ = ("elf_class", "head", "lies", "names", "order", "sections")

    def __init__(self, order: str, elf_class: int = 2) -> None:
        self.order = order
        self.elf_class = elf_class
        self.head = [1, 247, 0]
        self.sections: list[SectionDraft] = []
        self.names = 0
        self.lies: dict[str, int] = {}

    def copy(self) -> Draft:
        """Return one that can be changed without this one's noticing."""
        made = Draft(self.order, self.elf_class)
        made.head = list(self.head)
        made.sections = [section.copy() for section in self.sections]
        made.names = self.names
        made.lies = dict(self.lies)
        return made

    def named(self, name: str) -> SectionDraft | None:
        """Return the first section called *name*, or None."""
        return next((section for section in self.sections if section.name == name), None)

    def build(self) -> bytes:
        """Put the file together: header, sections, section headers; then the lies."""
        header = struct.Struct(self.order + SECTION_HEADER[self.elf_class])
        start = struct.calcsize("=" + ELF_HEADER[self.elf_class])
        body, table, at = [], [], start
        limit = U64 if self.elf_class == 2 else U32
        for section in self.sections:
            members = list(section.header)
            members[OFFSET] = at if section.header[TYPE] else 0
            if section.header[TYPE] != NOBITS:
                members[SIZE] = len(section.data)
                data = section.data + bytes(-len(section.data) % 8)
                body.append(data)
                at += len(data)
            for place, value in section.lies.items():
                members[place] = value
            table.append(
                header.pack(
                    *(
                        value & (U32 if place in (NAME, TYPE, LINK, INFO) else limit)
                        for place, value in enumerate(members)
                    )
                )
            )
        lies = self.lies
        encoding = lies.get("encoding", 1 if self.order == "<" else 2)
        head = struct.pack(
            self.order + ELF_HEADER[self.elf_class],
            *(b"\x7fELF", lies.get("class", self.elf_class) & 255, encoding & 255, 1),
            *(self.head[0] & 0xFFFF, self.head[1] & 0xFFFF, 1, 0, 0),
            *(lies.get("shoff", at) & limit, self.head[2] & U32, start, 0, 0),
            *(lies.get("shentsize", header.size) & 0xFFFF,),
            *(lies.get("shnum", len(self.sections)) & 0xFFFF,),
            *(lies.get("shstrndx", self.names) & 0xFFFF,),
        )
        return head + b"".join(body) + b"".join(table)


def take_apart(data: bytes) -> Draft:
    """Return the draft of a sound object; bytes of debug information are left out."""
    draft = Draft("<" if data[5] == 1 else ">", data[4])
    header = struct.unpack_from(draft.order + ELF_HEADER[draft.elf_class], data)[4:]
    draft.head = [header[0], header[1], header[6]]
    shoff, shnum, draft.names = header[5], header[11], header[12]
    form = struct.Struct(draft.order + SECTION_HEADER[draft.elf_class])
    headers = [list(form.unpack_from(data, shoff + n * form.size)) for n in range(shnum)]
    names = headers[draft.names]
    strings = data[names[OFFSET] : names[OFFSET] + names[SIZE]]
    for each in headers:
        name = strings[each[NAME] : strings.index(b"\0", each[NAME])].decode()
        content = data[each[OFFSET] : each[OFFSET] + each[SIZE]]
        if each[TYPE] in (0, NOBITS) or ".debug" in name or name == ".llvm_addrsig":
            content = b""
        draft.sections.append(SectionDraft(name, each, content))
    return draft


def narrowed(draft: Draft) -> Draft:
    """Return *draft*, one of 64 bits, as a file of 32 bits: its symbols and relocations too."""
    made = draft.copy()
    made.elf_class = 1
    order = made.order
    for section in made.sections:
        if section.header[TYPE] == SYMTAB:
            entries = struct.iter_unpack(order + SYMBOL[2], section.data)
            section.data = b"".join(
                struct.pack(order + SYMBOL[1], name, value & U32, size & U32, info, other, shndx)
                for name, info, other, shndx, value, size in entries
            )
            section.header[ENTSIZE] = 16
        elif section.header[TYPE] == REL:
            section.data = b"".join(
                struct.pack(order + "II", offset & U32, (info >> 32) << 8 & U32 | info & 255)
                for offset, info in struct.iter_unpack(order + "QQ", section.data)
            )
            section.header[ENTSIZE] = 8
    return made


# Words that follow struct btf_type once, and for each element, by kind
ONCE = (0, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0)
EACH = (0, 0, 0, 0, 3, 3, 2, 0, 0, 0, 0, 0, 0, 2, 0, 3, 0, 0, 0, 3)


class TypesDraft:
    """BTF, taken apart.

    Attributes:
        records: The words of each type: name offset, info, size or type, and what follows.
        strings: The string section.
        lies: Words of the header that shall say something else, by their places: 0 is magic,
            version and flags, 1 hdr_len, 2 type_off, 3 type_len, 4 str_off, 5 str_len.
        tail: Bytes behind the strings.
    """

    __slots__ = ("lies", "order", "records", "strings", "tail")

    def __init__(self, order: str) -> None:
        self.order = order
        self.records: list[list[int]] = []
        self.strings = b"\0"
        self.lies: dict[int, int] = {}
        self.tail = b""

    def copy(self) -> TypesDraft:
        """Return one that can be changed without this one's noticing."""
        made = TypesDraft(self.order)
        made.records = [list(record) for record in self.records]
        made.strings = self.strings
        return made

    def string(self, text: bytes) -> int:
        """Return the offset of *text*, which is added."""
        at = len(self.strings)
        self.strings += text + b"\0"
        return at

    def add(self, name: int, info: int, third: int, *words: int) -> int:
        """Add a type; return its id."""
        self.records.append([name, info, third, *words])
        return len(self.records)

    def build(self) -> bytes:
        """Put the section together."""
        words = [word & U32 for record in self.records for word in record]
        types = struct.pack(f"{self.order}{len(words)}I", *words)
        header = [24, 0, len(types), len(types), len(self.strings)]
        magic = struct.pack(self.order + "HBB", 0xEB9F, 1, 0)
        if 0 in self.lies:
            magic = struct.pack(self.order + "I", self.lies[0] & U32)
        header = [self.lies.get(place, word) & U32 for place, word in enumerate(header, 1)]
        return magic + struct.pack(self.order + "5I", *header) + types + self.strings + self.tail


def kind_of(record: list[int]) -> int:
    """Return the BTF_KIND_* of a type's words."""
    return record[1] >> 24 & 0x7F


def info(kind: int, vlen: int = 0, *, flag: bool = False) -> int:
    """Return the word of kind, kind_flag and vlen."""
    return flag << 31 | kind << 24 | vlen


def take_types_apart(data: bytes, order: str) -> TypesDraft:
    """Return the draft of sound BTF."""
    _magic, length, type_off, type_len, str_off, str_len = struct.unpack_from(order + "6I", data)
    made = TypesDraft(order)
    start = length + type_off
    words = list(struct.unpack_from(f"{order}{type_len // 4}I", data, start))
    at = 0
    while at < len(words):
        kind = words[at + 1] >> 24 & 0x7F
        step = 3 + ONCE[kind] + EACH[kind] * (words[at + 1] & 0xFFFF)
        made.records.append(words[at : at + step])
        at += step
    made.strings = data[length + str_off : length + str_off + str_len]
    return made
