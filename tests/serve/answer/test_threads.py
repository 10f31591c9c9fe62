import asyncio
import threading

import pytest

from omloop.serve import Limits, Metrics, Refusal
from omloop.serve.answer.threads import Workers, run_apart


def test_work_runs_in_another_thread_and_its_result_comes_back():
    async def main():
        workers = Workers(Limits(workers=1), Metrics())
        return await workers.run(threading.current_thread)

    assert asyncio.run(main()) is not threading.main_thread()


def test_what_work_raises_reaches_whoever_waits_and_frees_its_place():
    async def main():
        workers = Workers(Limits(pending=1, workers=1), Metrics())
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                await workers.run(lambda: 1 / 0)

    asyncio.run(main())


def test_a_full_queue_refuses_with_the_time_to_come_back():
    async def main():
        workers, go_on = Workers(Limits(pending=1, workers=1), Metrics()), threading.Event()
        first = asyncio.create_task(workers.run(go_on.wait))
        await asyncio.sleep(0)
        with pytest.raises(Refusal) as refused:
            await workers.run(go_on.wait)
        go_on.set()
        await first
        return refused.value

    refusal = asyncio.run(main())
    assert (refusal.status, refusal.headers) == (429, {"Retry-After": "1"})


def test_a_thread_of_its_own_gives_what_it_gave_or_raises_what_it_raised():
    async def main():
        with pytest.raises(ZeroDivisionError):
            await run_apart(lambda: 1 / 0)
        return await run_apart(threading.current_thread)

    thread = asyncio.run(main())
    assert thread.daemon and thread is not threading.main_thread()


def test_nobody_waits_for_a_thread_of_its_own_at_the_end():
    go_on, ended = threading.Event(), threading.Event()

    def hang():
        assert go_on.wait(20)
        ended.set()

    async def main():
        asked = asyncio.create_task(run_apart(hang))
        await asyncio.sleep(0)
        asked.cancel()

    asyncio.run(main())
    assert not ended.is_set()
    go_on.set()
    assert ended.wait(20)
