"""Which Python an image has, by the arguments that its Dockerfile sets."""

import pytest

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
