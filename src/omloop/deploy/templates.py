"""Folders of templates, and the files that they become.

A template reads like the file that it becomes. `<< name >>` stands for a value, and a line that begins with `%%` is a
statement of Jinja. Everything else stands for itself, even `${{ }}` of workflows and `{{ }}` of alerts.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

_STATEMENT = re.compile(r"^[ \t]*%%[ \t]*(.*)$", re.MULTILINE)
FOLDER = Path(__file__).parent / "templates"


def render_folder(folder: str, **values: Any) -> dict[str, str]:
    """Every template below a folder of `templates/` by its path there, filled in.

    It leaves out a name's ending `.jinja`, which keeps tools from taking a template for a file of ours. It also leaves
    out empty results. Raises an error of Jinja for a value that a template names and nobody gave.
    """
    paths = sorted(path for path in (FOLDER / folder).rglob("*") if path.is_file())
    texts = {path.relative_to(FOLDER / folder).as_posix(): render_file(path, **values) for path in paths}
    return {name.removesuffix(".jinja"): text for name, text in texts.items() if text.strip()}


def render_file(path: Path | str, **values: Any) -> str:
    """One template, by its path in `templates/`, filled in."""
    name = (FOLDER / path).relative_to(FOLDER).as_posix()
    return _environment().get_template(name).render(**values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    made = Environment(
        loader=FunctionLoader(_read),
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        trim_blocks=True,
        lstrip_blocks=True,
        comment_start_string="<#",
        comment_end_string="#>",
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  what comes out are files of configuration, whose values `Service` has checked
    )
    made.filters["quoted"] = _quoted
    return made


def _quoted(value: object) -> str:
    """A value as JSON, which YAML reads too; that of Jinja writes `>` and quotes for pages of HTML."""
    return json.dumps(value, ensure_ascii=False)


def _read(name: str) -> str:
    """A template with its lines of statements as blocks; those that Jinja has of its own swallow empty lines."""
    return _STATEMENT.sub(r"<% \1 %>", (FOLDER / name).read_text(encoding="utf-8"))
