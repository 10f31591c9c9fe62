"""What a Dockerfile says: its Python, and what it copies and starts."""

import pytest
from tests.audit.conftest import Look

from omloop.audit.dockerfile import read_dockerfile


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("ARG OS=slim PYTHON='3.11'\nFROM python:${PYTHON}-$OS\nARG PYTHON\nRUN x\n", "3.11"),
        ("ARG PYTHON\nFROM python:${PYTHON:-3.11}\nRUN x\n", "3.11"),
        ("ARG PYTHON=3.12\nFROM python:${PYTHON:-3.11}\nRUN x\n", "3.12"),
        ("FROM python:3.12 AS base\nARG V=3.9\nFROM base\nRUN x\n", "3.12"),
    ],
)
def test_the_version_of_an_image_may_stand_in_an_argument(text: str, version: str) -> None:
    docker = read_dockerfile("Dockerfile", text)
    named = docker.python() if docker else None
    assert named and named[1] == version


@pytest.mark.parametrize("name", ["docker/serve.dockerfile ", "Dockerfile\t", "Containerfile.web  "])
def test_an_image_whose_name_ends_with_a_blank_is_read_and_told(look: Look, name: str) -> None:
    found = look("dockerfiles", {name: "FROM python:3.12\nRUN x\n"})
    assert found.why == f"its name ends with a blank, so `-f {name.strip()}` does not find it"
    assert (found.state, found.spots[0].path) == ("weak", name)


def test_a_checkout_has_the_folder_of_git(look: Look) -> None:
    assert look("dockerfiles", {"Dockerfile": "FROM python\nCOPY ./.git .git/\nCOPY .git/HEAD x\n"}).state == "found"


def test_each_reason_stands_with_its_place(look: Look) -> None:
    files = {"Dockerfile": "FROM a\nCOPY x y z/\n", "api.dockerfile": "FROM a\nCOPY v .\n"}
    told = "it copies {}, which is not there ({})"
    first, second = told.format("x", "Dockerfile:2"), told.format("y", "Dockerfile:2")
    assert look("dockerfiles", files).why == f"{first}; {second}; and 1 more"


@pytest.mark.parametrize("copy", ["COPY a.py", "ADD --chown=a:b a.py", 'COPY ["a.py"]'])
def test_a_copy_without_a_target_cannot_be_built(look: Look, copy: str) -> None:
    found = look("dockerfiles", {"Dockerfile": f"FROM python\n{copy}\n", "a.py": ""})
    assert found.why == "it copies a.py and does not say where to, so nothing can build it"


PLAIN = "FROM python:3.12\nWORKDIR /app\nCOPY ./rides /app/rides\nCOPY conf/a.toml ./\n"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (PLAIN + 'CMD ["python", "-u", "rides/begin.py", "--fast"]\n', "rides/begin.py"),
        (PLAIN + 'ENTRYPOINT ["uv", "run", "python"]\nCMD ["-m", "rides.begin"]\n', "rides.begin"),
        (PLAIN + "CMD python /app/rides/begin.py\n", "rides/begin.py"),
        (PLAIN + "RUN cp a b\nFROM --platform=linux/amd64 alpine\nCOPY . .\nCMD python begin.py\n", "begin.py"),
        ("FROM python as made\nCOPY rides .\nFROM made\nCMD python begin.py\n", ""),
        (PLAIN + "CMD python begin.py\n", "begin.py"),
        (PLAIN + "CMD python -m rides.go\n", ""),
        (PLAIN + "CMD python -m http.server\n", ""),
        (PLAIN + "CMD python /opt/begin.py\n", ""),
        (PLAIN + "CMD python $WHAT/begin.py\n", ""),
        (PLAIN + "COPY rides/go.py begin.py\nCMD python begin.py\n", ""),
        (PLAIN + "COPY rides .\nCMD python begin.py\n", ""),
        (PLAIN + "RUN wget https://example.org/begin.py\nCMD python begin.py\n", ""),
        (PLAIN + "COPY --from=made /made .\nCMD python begin.py\n", ""),
        ("FROM team/base\nCMD python begin.py\n", ""),
    ],
)
def test_what_an_image_starts_must_be_there_if_its_paths_are_the_repository_s(look: Look, text: str, name: str) -> None:
    found = look("dockerfiles", {"Dockerfile": text, "rides/go.py": "", "conf/a.toml": ""})
    assert found.why == (f"it starts {name}, which is not there" if name else "1 image, whose files are all there")
