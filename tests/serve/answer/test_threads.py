import asyncio
import threading

import pytest

from omloop.serve import Limits, Metrics, Refusal
from omloop.serve.answer.threads import Workers


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
