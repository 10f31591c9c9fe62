import numpy as np
import pytest

from omloop.package.hash_table import EMPTY, hash_table


@pytest.mark.parametrize("count", [1, 2, 7, 5000])
def test_every_key_has_a_slot_of_its_own_and_no_other_number_has_it(count: int) -> None:
    keys = np.sort(np.random.default_rng(count).choice(2**31, count, replace=False)).astype(np.int64)
    table = hash_table(keys)
    assert table.places[table.slots_of(keys)].tolist() == list(range(count))
    assert (table.places != EMPTY).sum() == count
    others = np.setdiff1d(np.random.default_rng(1).integers(0, 2**31, 1000), keys)
    found = table.places[table.slots_of(others)]
    assert not (keys[found[found != EMPTY]] == others[found != EMPTY]).any()


def test_keys_that_lie_close_together_are_placed_too() -> None:
    keys = np.arange(1, 900, dtype=np.int64)
    table = hash_table(keys)
    assert table.places[table.slots_of(keys)].tolist() == list(range(899))
    assert (hash_table(keys).displacements == table.displacements).all()
