"""The advice of the check-list: commands that omloop has."""

import re

import pytest

from omloop.audit.checklist import CHECKLIST
from omloop.cli.parser import load, parser_of

COMMANDS = sorted({line for item in CHECKLIST for line in re.findall(r"omloop ([^,;(]+)", item.next_step)})


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_that_the_audit_names_takes_these_words(line: str) -> None:
    command, *words = line.split()
    assert parser_of(command, load(command)).parse_words(words)
