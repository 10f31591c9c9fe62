import subprocess
from pathlib import Path

import pytest

from omloop.track import uncommitted_changes
from omloop.track.changes import patch


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository with a project below its root, all committed."""
    folder = tmp_path / "repo"
    (folder / "projects" / "toy").mkdir(parents=True)
    (folder / "projects" / "toy" / "project.py").write_text("a = 1\nb = 2\n")
    (folder / "naïve.bin").write_bytes(b"\xff\x00one")
    git(folder, "init")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "first")
    return folder


def test_a_clean_checkout_and_no_checkout_keep_nothing(checkout: Path, tmp_path: Path) -> None:
    assert uncommitted_changes(checkout) is None
    assert uncommitted_changes(tmp_path) is None


def test_the_patch_makes_the_changed_checkout_again(checkout: Path) -> None:
    changed, project = checkout / "projects" / "toy" / "project.py", checkout / "projects" / "toy"
    changed.write_bytes("a = 1\nb = 'ż'\n".encode() + b"c = '\xe9'\n")
    (checkout / "naïve.bin").write_bytes(b"\x00\xfetwo")
    (project / "new file.py").write_text("")
    content = uncommitted_changes(project) or b""
    assert b"# untracked, not in here: projects/toy/new file.py\n" in content
    wanted = changed.read_bytes()
    git(checkout, "checkout", ".")
    (checkout / "a.patch").write_bytes(content)
    git(checkout, "apply", "a.patch")
    assert changed.read_bytes() == wanted and (checkout / "naïve.bin").read_bytes() == b"\x00\xfetwo"


def test_secrets_are_not_written(checkout: Path) -> None:
    for name in (".env", "deploy.pem", "conf.yaml", "client_secret.json"):
        (checkout / name).write_text("x: 1\n")
    git(checkout, "add", ".")
    git(checkout, "commit", "-m", "more")
    (checkout / ".env").write_text("ODD_NAME=hunter21\n")
    (checkout / "deploy.pem").write_text("hunter22\n")
    (checkout / "client_secret.json").write_text('{"x": "hunter23"}\n')
    (checkout / "conf.yaml").write_text("x: 1\napi_key: hunter24\nurl: https://me:hunter25@host/\n")
    (checkout / "projects" / "toy" / "project.py").write_text('k = """-----BEGIN RSA PRIVATE KEY-----\nhunter26"""\n')
    text = (uncommitted_changes(checkout) or b"").decode()
    assert "hunter" not in text
    assert "+api_key: ***" in text and "# conf.yaml: what looks like a secret" in text
    assert text.count("which may hold secrets") == 4


def test_a_secret_file_under_another_name_is_not_written(checkout: Path) -> None:
    lines = "".join(f"ODD_{number}=hunter{number}\n" for number in range(9))
    (checkout / ".env.test").write_text(lines)
    git(checkout, "add", ".")
    git(checkout, "commit", "-m", "more")
    (checkout / ".env.test").rename(checkout / "plain.txt")
    (checkout / "plain.txt").write_text(lines.replace("hunter3", "hunter99"))
    git(checkout, "add", ".")
    assert b"hunter" not in (uncommitted_changes(checkout) or b"hunter")


def test_what_is_too_large_is_left_out_by_name_and_the_rest_stays() -> None:
    small, large = (f"diff --git a/{name} b/{name}\n+{'x' * size}\n" for name, size in (("s.py", 50), ("l.ipynb", 900)))
    text = patch(large + small, [f"f{number}" for number in range(500)], most=500)
    assert text.endswith(small) and "x" * 51 not in text
    assert "# left out: l.ipynb (933 bytes), too large" in text
    assert "# untracked, not in here: 300 more" in text
