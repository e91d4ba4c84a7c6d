"""The numbers of ELF that BPF objects use, by the names of the gABI.

Plain integers rather than enums: `import enum` costs more than reading an object does.

Source: System V gABI, chapters 4 and 5; <elf.h>; Documentation/bpf/llvm_reloc.rst.
"""

from __future__ import annotations

# e_ident[EI_CLASS], e_ident[EI_DATA]
ELFCLASS32 = 1
ELFCLASS64 = 2
ELFDATA2LSB = 1
ELFDATA2MSB = 2

# e_ident[EI_VERSION]
EV_CURRENT = 1

# e_type
ET_REL = 1

# e_machine
EM_NONE = 0
EM_BPF = 247

# Section indices that are no index
SHN_UNDEF = 0
SHN_LORESERVE = 0xFF00
SHN_ABS = 0xFFF1
SHN_COMMON = 0xFFF2
SHN_XINDEX = 0xFFFF

# sh_type
SHT_NULL = 0
SHT_PROGBITS = 1
SHT_SYMTAB = 2
SHT_STRTAB = 3
SHT_RELA = 4
SHT_HASH = 5
SHT_DYNAMIC = 6
SHT_NOBITS = 8
SHT_REL = 9
SHT_DYNSYM = 11
SHT_INIT_ARRAY = 14
SHT_FINI_ARRAY = 15
SHT_PREINIT_ARRAY = 16
SHT_GROUP = 17
SHT_SYMTAB_SHNDX = 18
SHT_RELR = 19
SHT_LLVM_ADDRSIG = 0x6FFF4C03
SHT_GNU_LIBLIST = 0x6FFFFFF7
SHT_SUNW_MOVE = 0x6FFFFFFA
SHT_SUNW_SYMINFO = 0x6FFFFFFC
SHT_GNU_VERSYM = 0x6FFFFFFF

# sh_flags
SHF_WRITE = 0x1
SHF_ALLOC = 0x2
SHF_EXECINSTR = 0x4
SHF_INFO_LINK = 0x40
SHF_COMPRESSED = 0x800

# Symbol binding, type and visibility
STB_LOCAL = 0
STB_GLOBAL = 1
STB_WEAK = 2
STT_NOTYPE = 0
STT_OBJECT = 1
STT_FUNC = 2
STT_SECTION = 3
STT_FILE = 4
STV_DEFAULT = 0
STV_INTERNAL = 1
STV_HIDDEN = 2
STV_PROTECTED = 3

# Relocation types of EM_BPF
R_BPF_64_64 = 1
R_BPF_64_ABS64 = 2
R_BPF_64_ABS32 = 3
R_BPF_64_NODYLD32 = 4
R_BPF_64_32 = 10
