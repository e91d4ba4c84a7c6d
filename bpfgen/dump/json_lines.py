"""The contents of a map as JSON lines: docs/dump.schema.json has what a line holds."""

from __future__ import annotations

from json import dumps

from bpfgen.dump.view import described_type
from bpfgen.record import TYPE_CHECKING
from bpfgen.values.printer import Printer, lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.dump.view import Types, View
    from bpfgen.live.batches import Batch
    from bpfgen.live.info import MapInfo
    from bpfgen.values.printer import Lines

FORMAT = 1


def head(info: MapInfo, types: Types, shown: str) -> str:
    """Return the first line: which map it is, and what is shown of it."""
    record = {
        "format": FORMAT,
        "map": {
            "id": info.id,
            "name": info.name,
            "kind": info.kind_name,
            "key_size": info.key_size,
            "value_size": info.value_size,
            "max_entries": info.max_entries,
        },
        "types": types.origin,
        "key": described_type(types.key),
        "value": described_type(types.value),
        "shown": shown,
    }
    return f"{dumps(record)}\n"


class JsonLines:
    """Batches → lines, one for each element.

    A batch is rendered column by column, and a template makes a line of each row. Where key and
    value have types and nothing else is in a line, one template has both, which is faster.
    """

    def __init__(self, view: View, key_size: int, value_length: int) -> None:
        self._view = view
        self._key_size = key_size
        self._value_length = value_length
        members = []
        if view.key is not None:
            members.append('"key": %s')
        if view.prefix is not None:
            members.append('"prefix": %s')
        if view.cpus:
            cpus = ", ".join(f'{{"cpu": {cpu}, "value": %s}}' for cpu in view.cpus)
            members.append(f'"values": [{cpus}]')
        else:
            members.append('"sum": %s' if view.is_sum else '"value": %s')
        self._template = f"{{{', '.join(members)}}}\n"
        self._lines: Lines | None = None
        key, value = view.key, view.value
        if isinstance(key, Printer) and isinstance(value, Printer) and len(members) == 2:
            self._lines = None if view.cpus else lines_of(key, value)

    def of(self, batch: Batch) -> str:
        """Return the lines of the elements in *batch*."""
        view, count = self._view, batch.count
        if self._lines is not None:
            sizes = self._key_size, self._value_length
            return self._lines(batch.keys, batch.values, count, *sizes)
        columns: list[Iterator[str]] = []
        if view.key is not None:
            columns.append(view.key.jsons(batch.keys, count, self._key_size))
        if view.prefix is not None:
            columns.append(view.prefix.jsons(batch.keys, count, self._key_size))
        columns += (
            view.value.jsons(values, count, self._value_length)
            for values in values_by_cpu(view, batch)
        )
        return "".join(map(self._template.__mod__, zip(*columns, strict=True)))


def values_by_cpu(view: View, batch: Batch) -> Iterator[bytes]:
    """Yield the values of *batch* as often as there are CPUs, moved so that each one's is first."""
    values = batch.values
    if not view.cpus:
        yield values
        return
    for index in range(len(view.cpus)):
        at = index * view.stride
        yield values[at:] + bytes(at)
