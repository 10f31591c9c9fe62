"""Hydra's files are looked up as Hydra does, and only names that a file gives as texts are judged."""

import pytest
from tests.audit.conftest import Look

MAIN = "import hydra\n\n@hydra.main({})\ndef main(cfg): ...\n"
LIST = "defaults:\n- _self_\n- {}\n"


@pytest.mark.parametrize("entry", ["net: cnn", "net@head: [mlp, cnn]", "net/cnn", "/net: cnn"])
def test_an_entry_of_the_defaults_that_names_no_file_is_weak(look: Look, entry: str) -> None:
    code = MAIN.format("config_path='../settings', config_name='run.yaml'")
    files = {"bin/go.py": code, "settings/run.yaml": LIST.format(entry), "settings/net/mlp.yaml": "a: 1\n"}
    found = look("Hydra", files)
    assert found.state == "weak" and found.why == "it reads settings/net/cnn.yaml, which is not there"
    assert str(found.spots[0]) == "settings/run.yaml:3"


@pytest.mark.parametrize(
    "entry",
    [
        "net: mlp", "net@head: mlp.yaml", "net/mlp", "optional net: cnn", "net: ${kind}", "net: ???", "net: null",
        "override hydra/launcher: joblib", "hydra/sweeper: optuna",
    ],
)  # fmt: skip
def test_entries_that_are_there_or_may_be_absent_are_found(look: Look, entry: str) -> None:
    files = {"go.py": MAIN.format("'a', 'run'"), "a/run.yaml": LIST.format(entry), "a/net/mlp.yaml": "a: 1\n"}
    assert look("Hydra", files).state == "found"


@pytest.mark.parametrize("given", ["config_path=WHERE, config_name='run'", "config_path=None, config_name='run'", ""])
def test_what_a_variable_holds_is_not_judged(look: Look, given: str) -> None:
    assert look("Hydra", {"go.py": MAIN.format(given)}).state == "found"


def test_settings_that_code_registers_need_no_file(look: Look) -> None:
    store = "from hydra.core.config_store import ConfigStore\nConfigStore.instance().store(name='run', node=dict)\n"
    assert look("Hydra", {"go.py": store + MAIN.format("config_path='a', config_name='run'")}).state == "found"


@pytest.mark.parametrize(("name", "state"), [("'run'", "found"), ("'other'", "weak"), ("other", "found")])
def test_what_is_composed_must_be_there(look: Look, name: str, state: str) -> None:
    code = f"import hydra\n\nwith hydra.initialize('../a', version_base=None):\n    hydra.compose({name})\n"
    assert look("Hydra", {"bin/go.py": code, "a/run.yaml": "b: 1\n"}).state == state


def test_settings_that_hydra_composes_are_told_before_those_that_nothing_names(look: Look) -> None:
    code = MAIN.format("config_path='../how', config_name='run'")
    one = {"bin/go.py": code, "how/run.yaml": "a: 1\n"}
    more = {"conf/old.yaml": "a: 1\n", "how/net/mlp.yaml": "a: 1\n"}
    for files, number in ((one, "1 file"), ({**one, **more}, "3 files")):
        found = look("configuration files", files)
        assert found.why == f"{number} of settings, which code reads"
        assert [str(spot) for spot in found.spots] == ["how/run.yaml:1", "bin/go.py:3"]
