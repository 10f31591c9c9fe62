"""Run the demonstration and write what it prints into README.md: python docs/make_demo.py"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"
BLOCK = re.compile(r"(<!-- printed by docs/make_demo.py -->\n```text\n).*?(```)", re.DOTALL)


def main() -> None:
    """Replace the block behind the marker."""
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "omloop", "demo", "--workspace", folder]
        done = subprocess.run(words, cwd=README.parent, capture_output=True, text=True, check=True)
    lines = [line.rstrip() for line in done.stdout.replace(folder, ".omloop").splitlines()]
    text, found = BLOCK.subn(
        lambda match: match[1] + "\n".join(filter(None, lines)) + "\n" + match[2], README.read_text()
    )
    if found != 1:
        sys.exit("README.md has no block to fill")
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
