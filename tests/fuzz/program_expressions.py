"""Constants, and expressions whose value is known because they were made from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

INT_MAX = 2**31 - 1


class Expressions:
    """Writes expressions.

    Attributes:
        known: Constants of 0 to INT_MAX that an expression may use.
        known_ints: Those of type int, negative ones too.
    """

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.known: dict[str, int] = {"PERF_MAX_STACK_DEPTH": 127, "BPF_F_LOCK": 4}
        self.known_ints: dict[str, int] = {"PERF_MAX_STACK_DEPTH": 127}
        self.types = ["__u32", "long", "void *", "unsigned char", "int"]
        self._count = 0

    def constant(self) -> str:
        """Return the declaration of a new constant."""
        self._count += 1
        name = f"CONSTANT_{self._count}"
        what = self.chance.randint(0, 9)
        if what == 0:
            number = self.chance.choice((2**63, 2**64 - 1, 2**32, 0xFFFFFFFF, 1 << 40))
            return f"const {name} = {self.wide(number)};"
        if what == 1:
            number = -self.chance.choice((1, 2, 1000, 2**31 - 1))
            self.known_ints[name] = number
            return f"const {name} = {self.negative(number)};"
        number = self.chance.choice((0, 1, 2, 3, 8, 100, 4096, 65535, 1 << 20, INT_MAX))
        text = self.of(number)
        self.known[name] = number
        return f"const {name} = {text};"

    def wide(self, number: int) -> str:
        """Return an expression of a *number* that needs 64 bits or is unsigned."""
        forms = [f"{number}ULL", f"0x{number:x}", f"{number:#b}uL", f"0{number:o}ull"]
        if number and not number & number - 1:
            forms += [f"1ULL << {number.bit_length() - 1}"]
        return self.chance.choice(forms)

    def negative(self, number: int) -> str:
        """Return an int expression of a negative *number*."""
        forms = [str(number), f"(-{-number})", f"~{-number - 1}", f"0 - {-number}"]
        forms += [f"(int){number}", f"(int) - {-number}", f"+-+{-number}"]
        return self.chance.choice(forms)

    def of(self, number: int, depth: int = 3) -> str:
        """Return an expression of *number*, 0 or more. It never wraps and never overflows."""
        chance = self.chance
        if number > INT_MAX:
            return self.wide(number)
        if depth == 0 or chance.random() < 0.35:
            return self.literal(number)

        def again(value: int) -> str:
            return self.of(value, depth - 1)

        what = chance.randint(0, 13)
        if what == 0:
            smaller = [name for name, value in self.known.items() if value <= number]
            if smaller:
                name = chance.choice(smaller)
                return f"({name} + {again(number - self.known[name])})"
        if what == 1:
            ints = [n for n, value in self.known_ints.items() if abs(number - value) <= INT_MAX]
            if ints:
                name = chance.choice(ints)
                return f"({name} - ({self.plain(self.known_ints[name] - number)}))"
        if what == 2 and number and not number & number - 1:
            return f"(1 << {again(number.bit_length() - 1)})"
        if what == 3 and number % 1024 == 0:
            return f"{number // 1024} KiB" if number else "0 MiB"
        if what == 4:
            other = chance.randint(0, 50)
            yes = chance.random() < 0.5
            condition = f"{again(other + yes)} > {again(other)}"
            first, second = (number, 7) if yes else (7, number)
            return f"({condition} ? {again(first)} : {again(second)})"
        if what == 5:
            return f"({chance.choice(('__u32', 'int', 'unsigned long', '__u64'))})({again(number)})"
        if what == 6:
            type = chance.choice(self.types)
            return f"(sizeof({type}) - sizeof({type}) + {again(number)})"
        if what == 7:
            factor = chance.randint(1, 9)
            if number * factor <= INT_MAX:
                return f"({again(number * factor)} / {again(factor)})"
        if what == 8:
            # clang takes `2 ^ 0` for a power.
            return f"({again(number)} {chance.choice('|^+')} (0 | {again(0)}))"
        if what == 9:
            return f"(!{again(0)} * {again(number)})"
        if what == 10 and number < INT_MAX:
            return f"({again(number)} % {again(number + 1)})"
        if what == 11:
            return f"(~~{self.plain(number)})"
        if what == 12:
            return f"({again(number >> 3)} * 8 + {again(number & 7)})"
        if what == 13:
            return f"({self.literal(number)} & {again(number)})"
        return self.literal(number)

    def plain(self, number: int) -> str:
        """Return an expression of *number* that is an int."""
        return str(number) if abs(number) <= INT_MAX else f"({number})"

    def literal(self, number: int) -> str:
        """Return *number* as a literal."""
        forms = [str(number), f"{number:#x}", f"0X{number:X}", f"{number}U", f"0{number:o}"]
        forms += [f"{number}L", f"{number:#b}", f"{number}ull", f"0x{number:x}LU"]
        if 33 <= number <= 126:
            forms.append(f"'{chr(number)}'" if chr(number) not in "'\\" else f"'\\{chr(number)}'")
        return self.chance.choice(forms)
