"""Run the demonstration and the fire drill, and write what they print into the pages: make_demo.py [demo|drill]"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
WORDS = {"demo": ["demo"], "drill": ["drill", "student_performance", "data.rows=2000", "model=linear"]}
PAGES = {"demo": ROOT / "README.md", "drill": ROOT / "docs" / "how-to" / "watch.md"}


def main(*names: str) -> None:
    """Replace the block behind each marker."""
    for name in names or WORDS:
        with tempfile.TemporaryDirectory() as folder:
            words = [sys.executable, "-m", "omloop", *WORDS[name], "--workspace", folder]
            done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
        shown = re.sub(r"/\S*\.drill-\S*?/ws", "...", done.stdout.replace(folder, ".omloop"))
        lines = [line.rstrip() for line in shown.splitlines()]
        block = re.compile(rf"(<!-- printed by docs/make_demo.py {name} -->\n```text\n).*?(```)", re.DOTALL)
        text, found = block.subn(
            lambda match, lines=lines: match[1] + "\n".join(filter(None, lines)) + "\n" + match[2],
            PAGES[name].read_text(encoding="utf-8"),
        )
        if found != 1:
            sys.exit(f"{PAGES[name]} has no block to fill")
        PAGES[name].write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
