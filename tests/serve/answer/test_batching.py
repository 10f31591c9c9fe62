"""Who is answered when."""

import asyncio
import io
import threading
import time
from dataclasses import replace

import PIL.Image
import pytest

from omloop.serve import Champion, Limits, Metrics
from omloop.serve.answer.batching import INLINE_BYTES, Batcher
from omloop.serve.answer.canary import Canary
from omloop.serve.answer.shadows import Shadows
from omloop.serve.answer.work import Work
from omloop.testing.bundles import tiny_bundle, tiny_image_bundle
from omloop.testing.memories import MemoryPredictions, MemoryVersions

THREADS = Limits(inline_s=0, workers=1)


class Recorded:
    """Answers every work with a 200 and keeps the batches; waits for `go_on` when told to."""

    door = None

    def __init__(self, *, waits: bool = False) -> None:
        self.batches: list[list[bytes]] = []
        self.threads: set[int] = set()
        self.go_on = threading.Event()
        if not waits:
            self.go_on.set()

    def answer(self, serving, works) -> None:
        self.threads.add(threading.get_ident())
        self.batches.append([work.content for work in works])
        assert self.go_on.wait(20)
        for work in works:
            work.status = 200


def engine(predict, limits, *, batch=64, cost_s=0.0001, bundle=None):
    champion = Champion(MemoryVersions(bundle or tiny_bundle()), threads=1)
    champion.refresh()
    champion.serving = replace(champion.serving, batch=batch, cost_s=cost_s)
    return made(champion, predict, limits)


def made(champion, predict, limits):
    metrics, log = Metrics(), MemoryPredictions()
    canary = Canary(champion, predict, log, metrics, new_id=str, clock=time.time)
    return Batcher(champion, predict, limits, metrics, canary=canary, shadows=Shadows(log, limits, metrics, time.time))


async def asked(engine, content=b"a", **more):
    """One work, submitted and awaited."""
    answered = asyncio.get_running_loop().create_future()
    media = "image/gif" if content.startswith(b"GIF") else "application/json"
    engine.submit(Work(content, media, answered.set_result, time.perf_counter(), **more))
    return await answered


async def statuses(*works):
    return [work.status for work in await asyncio.gather(*works)]


def test_what_comes_in_one_turn_of_the_loop_is_answered_in_one_run():
    async def main():
        recorded = Recorded()
        one = engine(recorded, Limits())
        assert await statuses(*(asked(one, bytes([65 + i])) for i in range(5))) == [200] * 5
        assert recorded.batches == [[b"A", b"B", b"C", b"D", b"E"]]
        assert recorded.threads == {threading.get_ident()}

    asyncio.run(main())


def test_on_the_event_loop_all_that_came_goes_together_whatever_the_model_gains_by_it():
    """Nobody else would answer the rest meanwhile, and one write to the log does for all."""

    async def main():
        recorded = Recorded()
        one = engine(recorded, Limits(), batch=1)
        await statuses(*(asked(one) for _ in range(5)))
        assert [len(batch) for batch in recorded.batches] == [5]

    asyncio.run(main())


def test_in_threads_a_batch_is_never_larger_than_what_was_measured_to_be_best():
    async def main():
        recorded = Recorded()
        one = engine(recorded, THREADS, batch=2)
        await statuses(*(asked(one) for _ in range(5)))
        one.close()
        assert [len(batch) for batch in recorded.batches] == [2, 2, 1]
        assert one.describe()["batches"] == {"1": 1, "2": 2}

    asyncio.run(main())


@pytest.mark.parametrize("most", [2, 8])
def test_a_batch_is_as_large_as_whoever_runs_the_server_says(most):
    """Smaller or larger than what was measured to be best."""

    async def main():
        recorded = Recorded()
        one = engine(recorded, Limits(batch=most), batch=4)
        await statuses(*(asked(one) for _ in range(8)))
        assert max(len(batch) for batch in recorded.batches) == most
        assert one.describe()["model"]["largest_batch"] == most

    asyncio.run(main())


@pytest.mark.parametrize("limits", [THREADS, Limits(workers=1)])
def test_a_dear_model_and_a_long_body_are_answered_in_threads(limits):
    async def main():
        recorded = Recorded()
        one = engine(recorded, limits)
        await asked(one, b"a" * (INLINE_BYTES + 1))
        one.close()
        return recorded.threads

    assert asyncio.run(main()) != {threading.get_ident()}


def test_what_queued_while_all_threads_were_busy_goes_together():
    async def main():
        recorded = Recorded(waits=True)
        one = engine(recorded, THREADS)
        first = asyncio.create_task(asked(one, b"first"))
        await asyncio.sleep(0.05)
        rest = [asyncio.create_task(asked(one, bytes([65 + i]))) for i in range(3)]
        await asyncio.sleep(0.05)
        assert (one.describe()["waiting"], one.describe()["running"]) == (3, 1)
        recorded.go_on.set()
        await asyncio.gather(first, *rest)
        one.close()
        return recorded.batches

    assert asyncio.run(main()) == [[b"first"], [b"A", b"B", b"C"]]


def test_work_that_waited_too_long_or_that_nobody_waits_for_is_not_begun():
    async def main():
        recorded = Recorded(waits=True)
        one = engine(recorded, THREADS)
        first = asyncio.create_task(asked(one, b"first"))
        await asyncio.sleep(0.05)
        late = asyncio.create_task(asked(one, b"late", deadline=time.perf_counter()))
        gone = asyncio.create_task(asked(one, b"gone", gone=True))
        last = asyncio.create_task(asked(one, b"last"))
        await asyncio.sleep(0.05)
        recorded.go_on.set()
        found = await asyncio.gather(first, late, gone, last)
        one.close()
        return [work.status for work in found], recorded.batches

    assert asyncio.run(main()) == ([200, 504, 504, 200], [[b"first"], [b"last"]])


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (replace(THREADS, pending=2, queue_s=60.0), b"2 requests are waiting already"),
        (replace(THREADS, queue_s=5.0), b"would wait 13.5 s"),
    ],
)
def test_beyond_its_bounds_work_is_refused_at_once(limits, reason):
    """Bounded in requests and in the time that they are expected to take."""

    async def main():
        recorded = Recorded(waits=True)
        one = engine(recorded, limits, cost_s=9.0)
        tasks = [asyncio.create_task(asked(one))]
        await asyncio.sleep(0.05)
        tasks.append(asyncio.create_task(asked(one)))
        await asyncio.sleep(0.05)
        refused = await asked(one)
        recorded.go_on.set()
        await asyncio.gather(*tasks)
        one.close()
        return refused

    refused = asyncio.run(main())
    assert (refused.status, int(refused.headers["Retry-After"]) >= 1) == (429, True)
    assert reason in refused.answer


def test_how_long_a_request_waits_is_reckoned_with_what_runs_took_of_late():
    """Not with what one took when the version was loaded."""

    async def main():
        class Slow(Recorded):
            def answer(self, serving, works) -> None:
                time.sleep(0.02)
                super().answer(serving, works)

        recorded = Slow()
        one = engine(recorded, THREADS, cost_s=0.001)
        for _ in range(20):
            await asked(one)
        recorded.go_on.clear()
        tasks = [asyncio.create_task(asked(one))]
        await asyncio.sleep(0.05)
        tasks += [asyncio.create_task(asked(one)) for _ in range(10)]
        await asyncio.sleep(0)
        expected = one.queue_seconds
        recorded.go_on.set()
        await asyncio.gather(*tasks)
        one.close()
        return expected

    assert asyncio.run(main()) >= 0.15


def test_the_event_loop_looks_at_its_sockets_between_batches_that_would_be_long():
    """Each of 0.2 ms: five milliseconds of them go together."""

    async def main():
        recorded = Recorded()
        one = engine(recorded, Limits(workers=1), cost_s=0.0002)
        await asyncio.gather(*[asked(one) for _ in range(60)])
        return len(recorded.batches[0])

    assert asyncio.run(main()) == 25


def test_without_a_version_the_answer_says_what_to_do():
    async def main():
        one = made(Champion(MemoryVersions()), Recorded(), Limits())
        return await asked(one)

    refused = asyncio.run(main())
    assert refused.status == 503
    assert b"omloop turn" in refused.answer


def test_a_small_file_of_many_pixels_is_answered_in_a_thread():
    """By what its header claims, however few its bytes and however cheap the model."""
    picture = io.BytesIO()
    PIL.Image.new("P", (1_500, 1_500)).save(picture, "GIF")

    async def main():
        recorded = Recorded()
        one = engine(recorded, Limits(workers=1), bundle=tiny_image_bundle())
        await asked(one, picture.getvalue())
        one.close()
        return recorded.threads

    assert len(picture.getvalue()) < INLINE_BYTES
    assert asyncio.run(main()) != {threading.get_ident()}


def test_few_requests_of_many_rows_are_a_long_wait():
    async def main():
        recorded = Recorded(waits=True)
        one = engine(recorded, replace(THREADS, queue_s=0.5))
        tasks = [asyncio.create_task(asked(one, b"{" * 9_001)) for _ in range(9)]
        await asyncio.sleep(0.05)
        recorded.go_on.set()
        found = await statuses(*tasks)
        one.close()
        return found

    assert asyncio.run(main()).count(429) >= 3


def test_large_requests_are_answered_one_by_one():
    async def main():
        recorded = Recorded(waits=True)
        one = engine(recorded, THREADS)
        tasks = [asyncio.create_task(asked(one, b"{" * 9_001)) for _ in range(3)]
        tasks += [asyncio.create_task(asked(one)) for _ in range(3)]
        await asyncio.sleep(0.05)
        recorded.go_on.set()
        await asyncio.gather(*tasks)
        one.close()
        return [len(batch) for batch in recorded.batches]

    assert asyncio.run(main())[:2] == [1, 1]


def test_a_run_waits_until_there_is_memory_for_it():
    async def main():
        recorded = Recorded(waits=True)
        one = engine(recorded, Limits(inline_s=0, workers=2, memory_bytes=3_000_000))
        tasks = [asyncio.create_task(asked(one, b"a" * 80_000)) for _ in range(2)]
        await asyncio.sleep(0.05)
        assert (one.describe()["waiting"], one.describe()["running"]) == (1, 1)
        recorded.go_on.set()
        found = await statuses(*tasks)
        one.close()
        return found, one.budget.taken

    assert asyncio.run(main()) == ([200, 200], 0)
