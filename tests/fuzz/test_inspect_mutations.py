"""What `bpfgen inspect` writes of damaged objects: JSON that parses, a table, types; never a crash.

The damages are those of test_reader_mutations.py, and so is `BPFGEN_FUZZ_MUTANTS`.
"""

from __future__ import annotations

import json
import random
import time

import pytest

from bpfgen.diagnostics import FormatError
from bpfgen.inspect.json import object_line
from bpfgen.inspect.table import object_table
from bpfgen.inspect.types import object_types
from bpfgen.object import read_object
from tests.cli.test_inspect import KEYS, MAP_KEYS
from tests.fuzz.test_reader_mutations import MUTANTS, MUTATIONS, SHAPES, SLOWEST, shape


def tell(data: bytes) -> int:
    """Write everything that can be written of *data*; return the number of maps."""
    try:
        found = read_object(data)
    except FormatError as error:
        record = json.loads("".join(object_line("mutant.o", None, str(error))))
        assert list(record) == KEYS
        assert record["error"]
        return 0
    text = "".join(object_line("mutant.o", found, found.error))
    assert text.endswith("\n")
    assert text.count("\n") == 1
    record = json.loads(text)
    assert list(record) == KEYS
    assert len(record["maps"]) == len(found.maps)
    for each in record["maps"]:
        assert list(each) == MAP_KEYS
    for shown in (object_table("mutant.o", found), object_types(found)):
        assert "\x1b" not in shown
    return len(found.maps)


@pytest.mark.parametrize("name", SHAPES)
def test_mutants_are_told(name: str) -> None:
    """Thousands of damaged objects: every line is JSON with every key, and none takes long."""
    whole = shape(name)
    told = 0
    for seed in range(MUTANTS // len(SHAPES)):
        chance = random.Random(seed)  # noqa: S311 -- test data
        data = bytearray(whole)
        MUTATIONS[seed % len(MUTATIONS)](data, chance)
        start = time.process_time()
        try:
            told += tell(bytes(data))
        except Exception as error:
            raise AssertionError(f"seed {seed} of {name}: {error!r}") from error
        assert time.process_time() - start < SLOWEST, f"seed {seed} of {name} takes too long"
    assert told or not tell(whole)
