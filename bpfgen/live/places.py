"""What names a map of this machine: `id:42`, `name:flows`, a path below a BPF filesystem.

:func:`place_of` says whether a word does, without a look at the map, and :func:`opened` opens it.
A file that is called so is `./id:42`.
"""

from __future__ import annotations

import os
from errno import EINVAL, ENOENT, ENOTUNIQ

from bpfgen.files import ID, NAME
from bpfgen.files.pins import is_pin, is_pin_directory
from bpfgen.kernel.made import kept_name
from bpfgen.live.ids import ids_of, opened_by_id
from bpfgen.live.map import Map, open_map
from bpfgen.live.syscall import MAP_GET_FD_BY_ID, MAP_GET_NEXT_ID, Bpf
from bpfgen.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpfgen.live.info import MapInfo
    from bpfgen.live.map import Access

_RDONLY = 1 << 3
_U32_MAX = 0xFFFFFFFF
_DIGITS = len(str(_U32_MAX))
_LISTED = 8
"""Maps that an error lists."""


class Place(Record):
    """What a word names.

    Attributes:
        word: As it was typed.
        id: Of the map; None where it isn't named so.
        name: As the kernel has it, cut; empty where it isn't named so.
        path: Of the pin; empty where there is none.
    """

    word: str
    id: int | None = None
    name: str = ""
    path: str = ""


class PlaceError(OSError):
    """A word that names no map, or several, or something else.

    Attributes:
        advice: What to type instead; empty where nothing helps.
        is_usage: Whether no map could ever be named so.
    """

    def __init__(self, number: int, what: str, advice: str = "", *, is_usage: bool = False) -> None:
        super().__init__(number, what)
        self.advice = advice
        self.is_usage = is_usage


def place_of(word: str) -> Place | None:
    """Return what *word* names; None where that is no map of this machine, but a file or nothing.

    Raises:
        PlaceError: It begins like the name of a map, and there can be none of that name.
    """
    if word.startswith(ID):
        return Place(word, id=_id_in(word))
    if word.startswith(NAME):
        return Place(word, name=_name_in(word))
    return Place(word, path=word) if word and is_pin(word) else None


def _id_in(word: str) -> int:
    digits = word.removeprefix(ID)
    is_number = digits.isascii() and digits.isdecimal()  # of no other script
    significant = digits.lstrip("0")
    # The kernel counts from 1. Python refuses numbers of thousands of digits.
    if is_number and 0 < len(significant) <= _DIGITS and int(significant) <= _U32_MAX:
        return int(significant)
    what = f"`{word}` has no number of a map after `{ID}`"
    if is_number:
        what = f"`{word}`: the ids of maps go from 1 to {_U32_MAX}"
    raise PlaceError(EINVAL, what, _listing(word), is_usage=True)


def _name_in(word: str) -> str:
    name = word.removeprefix(NAME)
    if not name:
        raise PlaceError(
            EINVAL, f"`{word}` has no name after `{NAME}`", _listing(word), is_usage=True
        )
    return kept_name(name)


def _listing(word: str) -> str:
    return f"`bpfgen live` lists ids and names; a file of that name is ./{word}"


def opened(place: Place, access: Access = "r") -> Map:
    """Return the map that *place* names, open; to be closed, or used in a `with` block.

    Args:
        place: See :func:`place_of`.
        access: See :func:`bpfgen.live.open_map`.

    Raises:
        PlaceError: There is none, or several, or something else is pinned there.
        OSError: One may not open it.
    """
    if place.path:
        return open_map(place.path, access=access)
    if place.id is not None:
        try:
            return open_map(place.id, access=access)
        except FileNotFoundError:
            what = f"there is no map with the id {place.id}"
            raise PlaceError(ENOENT, what, "`bpfgen live` lists them") from None
    try:
        return open_map(_id_of_name(place), access=access)
    except FileNotFoundError:
        what = f"the map that the kernel called `{place.name}` went while it was looked for"
        raise PlaceError(ENOENT, what, "`bpfgen live` lists those that there are") from None


def pins_in(directory: str) -> list[str]:
    """Return the paths of what is pinned in *directory*, in the order of names.

    The kernel looks up no name with a dot (bpf_lookup in kernel/bpf/inode.c); those of its own are
    no maps.

    Raises:
        OSError: One may not list it.
    """
    with os.scandir(directory) as entries:
        found = [
            entry.path
            for entry in entries
            if "." not in entry.name and entry.is_file(follow_symlinks=False)
        ]
    return sorted(found)


def opened_all(word: str, access: Access = "r") -> Iterator[tuple[str, Map]]:
    """Yield the map that *word* names, or those that are pinned in the directory *word*.

    Each with the name of its pin, empty where it isn't named so; in the order of these names.
    Programs, links and directories in it are passed over, and what goes meanwhile. A map is open
    until the next is asked for.

    Raises:
        PlaceError: As :func:`opened`, or no map is pinned in the directory.
        OSError: One may not open one of them: that is its *filename*.
    """
    if not is_pin_directory(word):
        place = place_of(word) or Place(word, path=word)
        with opened(place, access) as map:
            yield os.path.basename(place.path), map
        return
    none = True
    for path in pins_in(word):
        try:
            map = open_map(path, access=access)
        except OSError as error:
            if error.errno in (EINVAL, ENOENT):
                continue
            error.filename = path
            raise
        none = False
        with map:
            yield os.path.basename(path), map
    if none:
        raise PlaceError(ENOENT, "no map is pinned in it", "`bpfgen live` lists pins")


def _id_of_name(place: Place) -> int:
    bpf = Bpf()
    found: list[MapInfo] = []
    names: set[str] = set()
    for info in infos(bpf):
        names.add(info.name)
        if info.name == place.name:
            found.append(info)
    if len(found) == 1:
        return found[0].id
    if not found:
        from bpfgen.text.spelling import did_you_mean

        what = f"there is no map that the kernel calls `{place.name}`"
        advice = did_you_mean(place.name, sorted(names - {""})) or "`bpfgen live` lists them"
        raise PlaceError(ENOENT, what, advice)
    listed = [f"id:{info.id} ({info.kind_name})" for info in found[:_LISTED]]
    if len(found) > _LISTED:
        listed.append(f"{len(found) - _LISTED} more")
    what = f"{len(found)} maps are called `{place.name}`: {', '.join(listed)}"
    raise PlaceError(ENOTUNIQ, what, f"name one by its id: id:{found[0].id}")


def infos(bpf: Bpf) -> Iterator[MapInfo]:
    """Yield what the kernel says of each map, in the order of ids; one that vanishes is left out.

    Raises:
        OSError: One may not ask: it takes CAP_SYS_ADMIN.
    """
    for id in ids_of(bpf, MAP_GET_NEXT_ID):
        opened = opened_by_id(bpf, MAP_GET_FD_BY_ID, id, _RDONLY)
        if opened is not None:
            with Map(opened, bpf) as map:
                yield map.info
