import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from omloop.alert import Alert
from omloop.alert.file import FileSink
from omloop.core import StoreError

FULL = Path("/dev/full")


def test_each_alert_is_a_line_of_json(tmp_path: Path, raised: Alert, resolved: Alert) -> None:
    sink = FileSink(tmp_path / "made" / "alerts.jsonl")
    sink.send(raised)
    sink.send(resolved)
    one, other = map(json.loads, sink.path.read_text().splitlines())
    assert (one["id"], one["state"], other["state"]) == (raised.id, "raised", "resolved")
    assert "latency.p99_ms is 61.5" in one["text"]


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
def test_a_full_disk_is_an_error(raised: Alert) -> None:
    with pytest.raises(StoreError, match="No space left on device"):
        FileSink(FULL).send(raised)


@pytest.mark.skipif(os.name != "posix", reason="asks for the ways of a POSIX system")
def test_a_file_that_may_not_grow_keeps_whole_lines_alone(tmp_path: Path, raised: Alert) -> None:
    """A limit on the size of files cuts a write short, as a disk does that fills up meanwhile."""
    import resource

    path = tmp_path / "alerts.jsonl"
    FileSink(path).send(raised)
    whole = path.read_bytes()
    code = (
        "import sys; from pathlib import Path; from omloop.alert.file import FileSink; import msgspec\n"
        "from omloop.alert import Alert\n"
        "FileSink(Path(sys.argv[1])).send(msgspec.json.decode(sys.argv[2], type=Alert))"
    )
    words = [sys.executable, "-c", code, str(path), msgspec.json.encode(raised).decode()]

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + 20, len(whole) + 20))

    shown = subprocess.run(words, preexec_fn=limit, capture_output=True, text=True, check=False)
    assert "StoreError" in shown.stderr and path.read_bytes() == whole
