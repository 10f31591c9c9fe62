"""Each item of the check-list, in a repository that has it, in one that has it half, and in an empty folder."""

from pathlib import Path

import pytest
from tests.audit.conftest import evidence, write
from tests.audit.samples import FOUND, WEAK

from omloop import Workspace
from omloop.audit import CHECKLIST, AuditResult, audit

UNPROVABLE = {"all members can write", "images work locally", "all members understand all parts"}
NEVER_WEAK = {"git repository", "code on GitHub", "inputs and outputs collected"} | UNPROVABLE
PROVABLE = [item.name for item in CHECKLIST if item.name not in UNPROVABLE]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> AuditResult:
    return audit(write(tmp_path_factory.mktemp("full"), FOUND, git=True))


@pytest.fixture(scope="module")
def half(tmp_path_factory: pytest.TempPathFactory) -> AuditResult:
    return audit(write(tmp_path_factory.mktemp("half"), WEAK, git=True))


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> AuditResult:
    return audit(tmp_path_factory.mktemp("empty"))


@pytest.mark.parametrize("item", [one for one in PROVABLE if one != "code on GitHub"])
def test_what_is_there_is_found_with_a_file_and_a_line(full: AuditResult, item: str) -> None:
    found = evidence(full, item)
    assert found.state == "found", found
    assert all(spot.line or not spot.path.endswith(".py") for spot in found.spots) and found.spots


@pytest.mark.parametrize("item", sorted(set(PROVABLE) - NEVER_WEAK))
def test_what_is_there_by_half_is_weak_and_says_why(half: AuditResult, item: str) -> None:
    found = evidence(half, item)
    assert found.state == "weak" and found.why and found.spots, found


@pytest.mark.parametrize("item", PROVABLE)
def test_an_empty_folder_has_nothing(empty: AuditResult, item: str) -> None:
    assert evidence(empty, item).state == "missing"


def test_what_no_file_can_show_is_said_to_be_so(full: AuditResult) -> None:
    assert {one.item.name for one in full.items if one.evidence.state == "not in files"} == UNPROVABLE


def test_every_place_that_is_named_is_there(full: AuditResult, half: AuditResult) -> None:
    for result in (full, half):
        for spot in (spot for one in result.items for spot in one.evidence.spots):
            path = Path(result.path) / spot.path
            assert path.exists(), spot
            assert not spot.line or spot.line <= max(1, len(path.read_text().splitlines())), spot


def test_a_workspace_audits_too(full: AuditResult, tmp_path: Path) -> None:
    assert Workspace(tmp_path).audit(full.path).items == full.items


def test_every_item_says_what_to_do_until_it_is_found(half: AuditResult) -> None:
    assert all(one.next_step for one in half.items if one.evidence.state in ("weak", "missing"))
    assert not any(one.next_step for one in half.items if one.evidence.state == "found")


def test_the_checklist_has_the_course_s_53_boxes_each_called_once() -> None:
    assert len({item.name for item in CHECKLIST}) == len(CHECKLIST) == 53
