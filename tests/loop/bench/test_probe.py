from pathlib import Path
from typing import Any

import pytest

from omloop.core import ServeError
from omloop.loop import Workspace
from omloop.loop.bench.probe import examples_of, known_to, probe_server
from omloop.monitor import new_id
from omloop.probe import Prober, Target
from omloop.serve import Champion, create_app, running
from omloop.testing.bundles import tiny_bundle, tiny_image_bundle, tiny_text_bundle
from omloop.testing.memories import MemoryPredictions, MemoryVersions


@pytest.mark.parametrize(
    "bundle", [tiny_bundle(), tiny_bundle(classes=("a", "b")), tiny_image_bundle(), tiny_text_bundle()]
)
def test_every_example_of_a_bundle_is_answered_as_it_must_be(bundle: Any) -> None:
    """One round an example, against a real server of the same bundle."""
    examples = examples_of(bundle)
    app = create_app(Champion(MemoryVersions(bundle)), MemoryPredictions(), new_id=new_id)
    with running(app) as url:
        prober = Prober(Target.of(url), "tiny", lambda version: examples, slow_s=60.0)
        for _ in examples:
            found = probe_server(prober, lambda found: None, every_s=60.0, once=True)
            assert found.state == "ok", found.detail


def test_a_workspace_knows_its_versions_and_no_others(workspace: Workspace) -> None:
    known = known_to("tiny", workspace)
    assert known("0123456789ab") == ()
    version = workspace.registry("tiny").add(tiny_bundle(), by="test")
    assert len(known(version)) == len(tiny_bundle().examples.rows)
    assert known("") == ()


def test_the_counts_are_written_each_round(tmp_path: Path) -> None:
    prober = Prober(Target("127.0.0.1", 9), "tiny", lambda version: ())
    for _ in range(2):
        probe_server(prober, lambda found: None, every_s=60.0, once=True, metrics_file=tmp_path / "omloop.prom")
    assert 'state="down"} 1\n' in (tmp_path / "omloop.prom").read_text()


def test_the_metrics_have_a_port_of_their_own() -> None:
    prober, ports = Prober(Target("127.0.0.1", 9), "tiny", lambda version: ()), []
    probe_server(prober, lambda found: None, every_s=60.0, once=True, metrics_port=0, listening=ports.append)
    assert ports[0] > 0
    with pytest.raises(ServeError, match="There is no port"):
        probe_server(prober, lambda found: None, every_s=60.0, once=True, metrics_port=70_000)
