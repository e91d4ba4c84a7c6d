"""Three texts that are almost the same, as one with `#if` around the lines that differ.

Comes beside :mod:`bpfgen.emit.c.sides`; loaded where a declaration isn't the same on all sides.
"""

from __future__ import annotations

from bpfgen.emit.c.sides import BPF
from bpfgen.record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WINDOW = 200
"""Lines that are looked at for the next one that is the same everywhere."""


def merged(bpf: str, c: str, cplusplus: str) -> str:
    """Return one text that is *bpf* in a BPF program, else *c* in C and *cplusplus* in C++."""
    texts = [text.splitlines(keepends=True) for text in (bpf, c, cplusplus)]
    places = [0, 0, 0]
    lines: list[str] = []
    while True:
        common = _common(texts, places)
        if common:
            lines += texts[0][places[0] : places[0] + common]
            places = [place + common for place in places]
        rests = [text[place : place + _WINDOW] for text, place in zip(texts, places, strict=True)]
        if not any(rests):
            return "".join(lines)
        steps = _to_the_next_common(rests)
        parts = ["".join(rest[:step]) for rest, step in zip(rests, steps, strict=True)]
        lines.extend(_chosen(*parts))
        places = [place + step for place, step in zip(places, steps, strict=True)]


def _common(texts: Sequence[Sequence[str]], places: Sequence[int]) -> int:
    """Return how many lines from *places* on are the same in all *texts*."""
    bpf, c, cplusplus = texts
    i, j, k = places
    most = min(len(bpf) - i, len(c) - j, len(cplusplus) - k)
    common = 0
    while common < most and bpf[i + common] == c[j + common] == cplusplus[k + common]:
        common += 1
    return common


def _to_the_next_common(rests: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Return how many lines of each of *rests* go before the nearest that all have.

    All of them where there is none. Whichever line is chosen, the result is right.
    """
    nearest = tuple(map(len, rests))
    first: list[dict[str, int]] = []
    for rest in rests[1:]:
        places: dict[str, int] = {}
        for place, line in enumerate(rest):
            places.setdefault(line, place)
        first.append(places)
    for place, line in enumerate(rests[0]):
        if place >= sum(nearest):
            break
        others = [places.get(line) for places in first]
        steps = (place, *[other for other in others if other is not None])
        if len(steps) == len(rests) and sum(steps) < sum(nearest):
            nearest = steps
    return nearest


def _chosen(bpf: str, c: str, cplusplus: str) -> Iterator[str]:
    """Yield the lines that choose between the three; none of them may be empty, too."""
    if bpf == c == cplusplus:
        yield bpf
    elif c == cplusplus:
        yield from _either(f"#ifdef {BPF}\n", f"#ifndef {BPF}\n", bpf, c)
    elif bpf == c:
        yield from _either("#ifdef __cplusplus\n", "#ifndef __cplusplus\n", cplusplus, c)
    elif not bpf:
        yield f"#ifndef {BPF}\n{merged(c, c, cplusplus)}#endif\n"
    else:
        yield f"#if defined({BPF})\n{bpf}#elif defined(__cplusplus)\n{cplusplus}"
        yield f"#else\n{c}#endif\n" if c else "#endif\n"


def _either(condition: str, opposite: str, first: str, second: str) -> Iterator[str]:
    if first and second:
        yield f"{condition}{first}#else\n{second}#endif\n"
    elif first:
        yield f"{condition}{first}#endif\n"
    else:
        yield f"{opposite}{second}#endif\n"
