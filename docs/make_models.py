"""Write docs/reference/models.md from the catalogue's own configurations: python docs/make_models.py"""

import sys
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from omloop import Model, models

PAGE = Path(__file__).parent / "reference" / "models.md"
INTRO = """# Models

The catalogue, `omloop.models`; [how to choose](../how-to/models.md). An option is a default of the project,
`models.boosting(leaves=3)`, or of one run, `omloop turn rides model=boosting model.leaves=3`. A model of another extra
than `train` needs it: `pip install 'omloop[torch]'`.
"""
TRIED = {
    "always": "`model=best` tries it.",
    "installed": "`model=best` tries it where its extra is installed.",
    "asked": "`model=best` tries it only where `model.among` names it.",
}


def page() -> str:
    """The whole page."""
    shelves = {"Tables": models.for_tables(), "Pictures": models.for_pictures(), "Texts": models.for_texts()}
    parts = [INTRO]
    for title, shelf in shelves.items():
        parts += [f"## {title}\n", *_sections(shelf)]
    return "\n".join(parts)


def _sections(shelf: Mapping[str, Model]) -> list[str]:
    return [_section(name, model) for name, model in shelf.items() if name != "baseline" or "linear" in shelf]


def _section(name: str, model: Model) -> str:
    config = model.config()
    about = " ".join((model.config.__doc__ or "").split())
    tried = "What others must beat." if name == "baseline" else TRIED[model.best]
    rows = [f"| `{one.name}` | `{getattr(config, one.name)!r}` |" for one in fields(config) if one.name != "name"]
    table = "\n".join(["", "| option | default |", "|---|---|", *rows, ""]) if rows else ""
    return f"### {name}\n\n{about} Extra: `{model.extra}`. {tried}\n{table}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE}\n")
