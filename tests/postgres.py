"""A PostgreSQL server of our own, on a socket in a temporary folder, where its programs are installed."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

PASSWORD = "pass/word-nobody-may-see"  # noqa: S105


@dataclass(frozen=True)
class PostgresServer:
    """A cluster in `folder`; `control` starts and stops it."""

    programs: Path
    folder: Path

    @property
    def url(self) -> str:
        return f"postgresql://omloop:{quote(PASSWORD, safe='')}@/postgres?host={self.folder}"

    def initialise(self) -> None:
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        if os.geteuid() == 0:
            for path in (self.folder, secret):
                shutil.chown(path, "postgres")
        words = ["--username=omloop", "--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync", "--encoding=UTF8"]
        self._run("initdb", "--pgdata", str(self.folder / "data"), *words)

    def control(self, what: str) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c fsync=off"
        words = ["--pgdata", str(self.folder / "data"), "--wait", "--silent", "--log", str(self.folder / "log")]
        self._run("pg_ctl", what, *words, *(["--mode=immediate"] if what == "stop" else ["--options", options]))

    def _run(self, program: str, *words: str) -> None:
        user = "postgres" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
        command = [str(self.programs / program), *words]
        subprocess.run(command, check=True, user=user, cwd=self.folder, stdout=subprocess.DEVNULL)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server that a test may stop, if it starts it again."""
    found = [*map(Path, filter(None, [shutil.which("initdb")])), *Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not found or os.name == "nt":
        pytest.skip("PostgreSQL is not installed here; on Debian: apt-get install postgresql")
    pytest.importorskip("psycopg", reason="needs omloop[postgres]")
    with tempfile.TemporaryDirectory(prefix="omloop-") as folder:
        server = PostgresServer(found[-1].parent, Path(folder))
        server.initialise()
        server.control("start")
        try:
            yield server
        finally:
            server.control("stop")
