"""The contract of a store of blobs: what the registry relies on, whatever stands behind it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from omloop.core import Blobs, Bucket, ConflictError, StoreError


class BlobsContract:
    """Inherit this and supply a fixture `blobs` that gives an empty store."""

    def test_what_was_created_can_be_read(self, blobs: Blobs) -> None:
        """A blob comes back unchanged."""
        blobs.create("demo/history/00000001.json", b"{}")
        assert blobs.read("demo/history/00000001.json") == b"{}"

    @pytest.mark.parametrize(
        "content", [b"", bytes(range(256)), b"\r\n\x00\xff" * 300_000], ids=["empty", "all", "1 MB"]
    )
    def test_content_is_kept_byte_by_byte(self, blobs: Blobs, content: bytes) -> None:
        """The store decodes, cuts and adds nothing."""
        blobs.create("demo/model.onnx", content)
        assert blobs.read("demo/model.onnx") == content

    def test_a_missing_key_is_an_error_that_names_it(self, blobs: Blobs) -> None:
        """No empty content stands for an absent blob."""
        with pytest.raises(StoreError, match=r"demo/absent\.json"):
            blobs.read("demo/absent.json")

    def test_a_blob_is_never_overwritten(self, blobs: Blobs) -> None:
        """The store refuses the second writer, with the same content too, and the first writer's content stays."""
        blobs.create("demo/one", b"first")
        for content in (b"second", b"first"):
            with pytest.raises(ConflictError):
                blobs.create("demo/one", content)
        assert blobs.read("demo/one") == b"first"

    def test_names_directly_under_a_prefix_are_listed_in_order(self, blobs: Blobs) -> None:
        """Files and folders alike, without what lies deeper and without the prefix."""
        for key in (
            "demo/history/00000002.json",
            "demo/history/00000001.json",
            "demo/bundles/ab/model.onnx",
            "other/x",
        ):
            blobs.create(key, b"")
        assert blobs.list("demo") == ["bundles", "history"]
        assert blobs.list("demo/history") == ["00000001.json", "00000002.json"]
        assert blobs.list("") == ["demo", "other"]

    def test_nothing_is_listed_where_nothing_is(self, blobs: Blobs) -> None:
        """An absent prefix is an empty one; a prefix is a whole name, not its beginning."""
        assert blobs.list("") == []
        blobs.create("demo/one", b"")
        assert blobs.list("absent") == blobs.list("dem") == []

    def test_a_listing_shows_a_blob_as_soon_as_it_is_created(self, blobs: Blobs) -> None:
        """The registry reads the history right after it writes."""
        for number in range(1, 6):
            blobs.create(f"demo/history/{number:08d}.json", b"{}")
            assert len(blobs.list("demo/history")) == number

    def test_of_concurrent_creators_exactly_one_wins(self, blobs: Blobs) -> None:
        """The compare-and-swap that the champion rests on."""

        def create(writer: int, key: str) -> bool:
            try:
                blobs.create(key, str(writer).encode())
            except ConflictError:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            for key in ("demo/a", "demo/b", "demo/c"):
                won = list(pool.map(create, range(8), [key] * 8))
                assert won.count(True) == 1
                assert blobs.read(key) == str(won.index(True)).encode()


class BucketContract(BlobsContract):
    """Inherit this for a store that can also overwrite its objects."""

    def test_what_is_replaced_is_read_anew(self, blobs: Bucket) -> None:
        """A first write and a later one alike; nothing of the old content stays."""
        for content in (b"a longer first content", b"second"):
            blobs.replace("demo/run.json", content)
            assert blobs.read("demo/run.json") == content

    def test_keys_below_a_folder_are_listed_whole(self, blobs: Bucket) -> None:
        """However deep, in order, and not what lies beside the folder."""
        for key in ("demo/run/plots/loss.png", "demo/run/run.json", "demo/run/a.txt", "demo/running/x", "other/y"):
            blobs.create(key, b"")
        assert blobs.below("demo/run") == ["demo/run/a.txt", "demo/run/plots/loss.png", "demo/run/run.json"]
        assert blobs.below("absent") == []
