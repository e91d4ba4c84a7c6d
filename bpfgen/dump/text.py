"""The contents of a map for people: a table whose rows come as they are read."""

from __future__ import annotations

from bpfgen.ctype.describe import counted
from bpfgen.dump.json_lines import values_by_cpu
from bpfgen.dump.prefixes import is_address
from bpfgen.dump.view import described_type
from bpfgen.record import TYPE_CHECKING
from bpfgen.text.render import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.dump.view import Types, View
    from bpfgen.live.batches import Batch
    from bpfgen.live.info import MapInfo
    from bpfgen.text.table import Page

_GAP = "  "


def head(info: MapInfo, types: Types, page: Page) -> str:
    """Return the line above the table: which map it is, and its types."""
    described = [described_type(one) for one in (types.key, types.value)]
    arrow = " -> ".join(one for one in described if one is not None)
    parts = [info.kind_name, arrow, f"max_entries {info.max_entries}"]
    name = f"{info.name} (id {info.id})" if info.name else f"id {info.id}"
    return page.bold(printable(f"{name}: {', '.join(part for part in parts if part)}")) + "\n"


def foot(count: int, page: Page, unit: str = "element") -> str:
    """Return the line below the table."""
    return page.dim(counted(count, unit)) + "\n"


class TextTable:
    """Batches → rows: one for each element, or for each CPU's value of it.

    The columns are as wide as the first batch needs.
    """

    def __init__(self, view: View, key_size: int, value_length: int, page: Page) -> None:
        self._view = view
        self._key_size = key_size
        self._value_length = value_length
        self._page = page
        self._widths: list[int] | None = None
        # What is a prefix to the kernel is one to people, too, but for what is no address.
        self._has_prefix = view.prefix is not None and is_address(key_size)
        self._heads = [] if view.key is None else ["prefix" if self._has_prefix else "key"]
        self._heads += ["cpu", "value"] if view.cpus else ["sum" if view.is_sum else "value"]

    def of(self, batch: Batch) -> str:
        """Return the rows of *batch*, after the heads of the columns if it is the first."""
        rows = list(self._rows(batch))
        lines: list[str] = []
        if self._widths is None:
            before = self._heads[:-1]
            self._widths = [
                max(len(name), *(len(row[at]) for row in rows)) for at, name in enumerate(before)
            ]
            lines.append(self._page.bold(self._line(self._heads)))
        lines += map(self._line, rows)
        return "".join(f"{line}\n" for line in lines)

    def _rows(self, batch: Batch) -> Iterator[list[str]]:
        view, count = self._view, batch.count
        keys: Iterator[str] | None = None
        if view.prefix is not None and self._has_prefix:
            keys = view.prefix.texts(batch.keys, count, self._key_size)
        elif view.key is not None:
            keys = view.key.texts(batch.keys, count, self._key_size)
        columns = [
            view.value.texts(values, count, self._value_length)
            for values in values_by_cpu(view, batch)
        ]
        for values in zip(*columns, strict=True):
            first = [] if keys is None else [next(keys)]
            if not view.cpus:
                yield [*first, *values]
            for cpu, value in zip(view.cpus, values if view.cpus else (), strict=True):
                yield [*first, str(cpu), value]

    def _line(self, row: list[str]) -> str:
        assert self._widths is not None
        cells = [cell.ljust(width) for cell, width in zip(row, self._widths, strict=False)]
        return _GAP.join([*cells, row[-1]])
