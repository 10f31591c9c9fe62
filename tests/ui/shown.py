"""A workspace of tiny projects behind the page: one of each kind, with runs, predictions and a second version."""

import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
from nicegui.testing import User
from nicegui.testing.user_interaction import UserInteraction
from PIL import Image

from omloop.bundle import Bundle
from omloop.core import Settings
from omloop.kinds import Classes
from omloop.loop import Workspace
from omloop.loop.serving.explainer import explainer
from omloop.loop.steer.app import create_routes
from omloop.monitor import new_id
from omloop.serve import Champion, ServerOptions, create_app, running
from omloop.testing.bundles import tiny_bundle, tiny_image_bundle, tiny_text_bundle
from omloop.ui import PageOptions, Source
from omloop.ui.parts.buttons import Button
from omloop.ui.parts.files import FileInput
from omloop.ui.parts.forms import RecordForm

Visit = Callable[[Callable[[User], Awaitable[None]]], None]

MEANINGS = {"light": "much <white>", "dark": "hardly any white"}
PICTURES = Classes("tone", ("dark", "light"), flags={"bright": ("light",)}, meanings=MEANINGS)
PROJECTS = {
    "marks": tiny_bundle(),
    "tones": tiny_image_bundle(0.01, outputs=PICTURES),
    "reviews": tiny_text_bundle(),
}


def _white() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (8, 6), "white").save(written, "PNG")
    return written.getvalue()


PICTURE = _white()


def tiny_workspace(root: Path) -> Workspace:
    """Projects of each kind, each with a champion; `marks` has a version before it, and one behind it."""
    workspace = Workspace(Settings(workspace=str(root), projects=str(root / "projects")))
    for name, bundle in PROJECTS.items():
        if name == "marks":
            put(workspace, name, tiny_bundle(2.0))
        put(workspace, name, bundle)
    workspace.registry("marks").add(of_project("marks", tiny_bundle(3.0)), by="test")
    return workspace


def of_project(name: str, bundle: Bundle) -> Bundle:
    """The same bundle as one of another project."""
    return Bundle.seal(replace(bundle.manifest, project=name), bundle.files)


def put(workspace: Workspace, name: str, bundle: Bundle) -> str:
    """Put a bundle in charge of a project."""
    registry = workspace.registry(name)
    version = registry.add(of_project(name, bundle), by="test")
    registry.promote(version, expected=registry.champion(), by="test", reason="a test", insist=True)
    return version


@contextmanager
def served(workspace: Workspace, name: str, *, explains: bool = False) -> Iterator[str]:
    """A real server of a project's champion on loopback, which may say what answers hang on; gives its address."""
    with closing(workspace.predictions(name)) as log:
        options = ServerOptions(explain=explainer(name, workspace)) if explains else None
        app = create_app(Champion(workspace.registry(name), keep=True), log, new_id=new_id, options=options)
        with running(app) as address:
            yield address


@dataclass
class Asked:
    """Whom the page asks in a test; servers are started when the first test wants one."""

    workspace: Workspace
    servers: dict[str, str] = field(default_factory=dict)
    open: ExitStack = field(default_factory=ExitStack)

    def serve(self, name: str, *, explains: bool = False) -> None:
        """Start the server of a project, until the test ends."""
        self.servers[name] = self.open.enter_context(served(self.workspace, name, explains=explains))

    @asynccontextmanager
    async def options(self) -> AsyncIterator[PageOptions]:
        """The page's options; whoever is asked is let go of afterwards."""
        async with AsyncExitStack() as stack:
            routes = stack.enter_context(closing(create_routes(self.workspace, by="tester")))
            inside = httpx.ASGITransport(routes, raise_app_exceptions=False)
            kept = await stack.enter_async_context(httpx.AsyncClient(transport=inside, base_url="http://localhost"))

            def server(url: str) -> Source:
                client = httpx.AsyncClient(base_url=url)
                stack.push_async_callback(client.aclose)
                return Source(client, "The server")

            yield PageOptions(Source(kept, "The workspace"), server, self.servers)


def labels(workspace: Workspace, name: str) -> list[object]:
    """What was told of the predictions of a project."""
    with closing(workspace.predictions(name)) as log:
        return list(log.window(labelled=True).labels.values())


def send(user: User, action: str, **typed: object) -> None:
    """Send the form whose button says `action`, with what was typed."""
    for form in user.find(RecordForm).elements:
        if form.props["action"] == action:
            UserInteraction(user, {form}, None).trigger("send", typed)
            return
    raise AssertionError(f"no form says {action}")


def press(user: User, words: str) -> None:
    """Press the button that says so."""
    for button in user.find(Button).elements:
        if button.words == words:
            UserInteraction(user, {button}, None).trigger("click")
            return
    raise AssertionError(f"no button says {words}")


async def give(user: User, kind: type[FileInput], name: str, content: bytes) -> None:
    """Give a file to the input of the page."""
    (found,) = user.find(kind).elements
    with found.client:
        await found.taken(name, content)
