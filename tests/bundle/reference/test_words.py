"""Words have cells by a hash, which knows nothing of how common they are."""

import msgspec
import numpy as np

from omloop.bundle import Cells, Reference
from omloop.bundle.reference.words import MOST_CELLS, cells_of, hashed_order

MANY = tuple(f"street {index}" for index in range(3 * MOST_CELLS))


def test_the_order_of_words_is_that_of_the_words_not_of_their_declaration() -> None:
    words = [f"word {index}" for index in range(50)]
    turned = words[::-1]
    assert [words[place] for place in hashed_order(words)] == [turned[place] for place in hashed_order(turned)]


def test_few_words_have_a_cell_each_and_many_share_some() -> None:
    assert cells_of(["a", "b", "c"]).tolist() == [0, 1, 2]
    cells = cells_of(MANY)
    assert cells.max() < MOST_CELLS
    assert np.bincount(cells).max() < 15


def test_a_shared_cell_is_named_after_its_commonest_word() -> None:
    values = np.append(np.arange(len(MANY)), np.full(500, 1234.0))
    found = Reference.of({"street": values}, {"street": MANY}).columns["street"]
    cell = int(found.place(np.array([1234.0]))[0])
    assert found.names[cell].startswith("street 1234 and ")
    assert len(found.names) == len(found.counts) == found.size == MOST_CELLS + 2


def test_rows_of_shared_cells_are_all_counted() -> None:
    found = Reference.of({"street": np.arange(float(len(MANY)))}, {"street": MANY}).columns["street"]
    live = np.array([5.0, 5.0, len(MANY), -1.0, np.nan])
    counts = found.count(live)
    assert (counts.sum(), counts[-2], counts[-1]) == (5, 2, 1)
    assert counts[found.place(np.array([5.0]))[0]] == 2


def test_a_reference_that_was_written_with_a_count_a_word_is_read() -> None:
    counts = np.arange(len(MANY) + 2)
    found = Cells((), MANY, tuple(counts.tolist()))
    assert sum(found.counts) == counts.sum()
    assert found.counts[-2:] == (len(MANY), len(MANY) + 1)
    assert msgspec.json.decode(msgspec.json.encode(found), type=Cells) == found
