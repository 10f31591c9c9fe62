"""Write `.github/` of this repository, of the templates that `omloop deploy github` uses.

Run: python docs/make_workflows.py
"""

from pathlib import Path

from omloop.deploy.github import own_files

ROOT = Path(__file__).parents[1]

if __name__ == "__main__":
    for path, text in own_files().items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text, encoding="utf-8", newline="\n")
