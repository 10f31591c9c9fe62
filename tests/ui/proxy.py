"""A small reverse proxy that shows a page below a path, as many companies do it; WebSockets go through it too."""

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from aiohttp import ClientSession, WSMsgType, web
from aiohttp.client_ws import ClientWebSocketResponse

HOP = {"host", "connection", "upgrade", "keep-alive", "transfer-encoding", "content-length", "accept-encoding"}
Socket = web.WebSocketResponse | ClientWebSocketResponse


class Proxy:
    """Hands on what is asked below `prefix` to the page at `behind`, and says so; anything else is 404."""

    def __init__(self, behind: str, prefix: str, *, keeps_host: bool) -> None:
        self.behind, self.prefix, self.keeps_host = behind, prefix, keeps_host

    async def hand_on(self, request: web.Request) -> web.StreamResponse:
        """One request, or one connection of events."""
        if not request.path.startswith(self.prefix):
            return web.Response(status=404, text="outside of the prefix")
        path = request.raw_path.removeprefix(self.prefix) or "/"
        headers = [(name, value) for name, value in request.headers.items() if name.lower() not in HOP]
        headers.append(("X-Forwarded-Prefix", self.prefix))
        headers.append(("Host" if self.keeps_host else "X-Forwarded-Host", request.host))
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._connect(request, path, headers)
        async with (
            ClientSession(auto_decompress=False) as session,
            session.request(
                request.method, self.behind + path, headers=headers, data=await request.read(), allow_redirects=False
            ) as reply,
        ):
            kept = [(name, value) for name, value in reply.headers.items() if name.lower() not in HOP]
            return web.Response(status=reply.status, headers=kept, body=await reply.read())

    async def _connect(self, request: web.Request, path: str, headers: list[tuple[str, str]]) -> web.StreamResponse:
        own = [(name, value) for name, value in headers if not name.lower().startswith("sec-websocket")]
        here = web.WebSocketResponse(max_msg_size=0)
        async with (
            ClientSession() as session,
            session.ws_connect(self.behind + path, headers=own, max_msg_size=0) as there,
        ):
            await here.prepare(request)
            ways = [asyncio.create_task(_carry(here, there)), asyncio.create_task(_carry(there, here))]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
        await here.close()
        return here


async def _carry(begin: Socket, end: Socket) -> None:
    async for message in begin:
        if message.type == WSMsgType.TEXT:
            await end.send_str(message.data)
        elif message.type == WSMsgType.BINARY:
            await end.send_bytes(message.data)


@contextmanager
def proxied(behind: str, prefix: str = "/tools/omloop", *, keeps_host: bool = True) -> Iterator[str]:
    """The address at which a page is shown below a path, on a free port."""
    begun: queue.Queue[tuple[str, Callable[[], object]]] = queue.Queue()

    async def run() -> None:
        app, loop, over = web.Application(client_max_size=100_000_000), asyncio.get_running_loop(), asyncio.Event()
        app.router.add_route("*", "/{path:.*}", Proxy(behind, prefix, keeps_host=keeps_host).hand_on)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        begun.put((f"http://127.0.0.1:{runner.addresses[0][1]}{prefix}", partial(loop.call_soon_threadsafe, over.set)))
        await over.wait()
        await runner.cleanup()

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    address, end = begun.get(timeout=20)
    try:
        yield address
    finally:
        end()
        thread.join(20)
