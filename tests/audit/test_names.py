"""What a variable holds is known from its assignment on, and within its function."""

import pytest

from omloop.audit.python_facts import read_python

HEAD = "from torch import compile, load\n"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("net.before()\nnet = compile(net)\nnet.after()\n", ["net.before", "torch.compile", "torch.compile().after"]),
        (
            "net = load(\n  net.a())\nnet = compile(net); net.b()\n",
            ["torch.load", "net.a", "torch.compile", "torch.compile().b"],
        ),
        ("def a():\n  net = load()\n  net.b()\nnet.c()\n", ["torch.load", "torch.load().b", "net.c"]),
        (
            "net = load()\ndef a():\n  def b():\n    net = compile()\n  net.c()\n",
            ["torch.load", "torch.compile", "torch.load().c"],
        ),
        ("def a():\n  global net\n  net = load()\ndef b():\n  net.c()\n", ["torch.load", "torch.load().c"]),
        (
            "class A:\n  def b(self):\n    self.c.d()\n  def e(self):\n    self.c = load()\n",
            ["torch.load().d", "torch.load"],
        ),
        ("with load() as net:\n  net.a()\n", ["torch.load", "torch.load().a"]),
        ("load().a()\n", ["torch.load().a", "torch.load"]),
    ],
)  # fmt: skip
def test_a_call_is_named_by_what_its_variable_holds_there(text: str, names: list[str]) -> None:
    assert [one.name for one in read_python(HEAD + text, "a.py").calls] == names
