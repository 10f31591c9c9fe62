"""What the base install weighs, and what the command line costs: python benchmarks/base_install.py

Makes a fresh environment with the base install alone (pip must reach a package index), counts its packages and
megabytes, byte-compiled, and measures CPU time of `omloop --help` and of `import omloop` against `python -c pass`,
interleaved.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent
TIMES = 15
NOT_OURS = {"pip", "setuptools"}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        binary = Path(folder) / ("Scripts" if os.name == "nt" else "bin")
        python = str(binary / "python")
        subprocess.run([python, "-m", "pip", "install", "-qq", "-c", ROOT / "constraints.txt", ROOT], check=True)
        listed = subprocess.run([python, "-m", "pip", "list", "--format=json"], capture_output=True, check=True)
        packages = [p["name"] for p in json.loads(listed.stdout) if p["name"] not in NOT_OURS]
        size = sum(
            path.stat().st_size
            for path in (Path(folder) / ("Lib" if os.name == "nt" else "lib")).glob("**/site-packages/**/*")
            if path.is_file() and not _is_not_ours(path)
        )
        print(f"packages  {len(packages)} (at most 30)")
        print(f"size      {size / 1e6:.0f} MB, {size / 2**20:.0f} MiB (at most 210)")
        commands = {
            "pass": [python, "-c", "pass"],
            "import omloop": [python, "-c", "import omloop"],
            "omloop --help": [str(binary / "omloop"), "--help"],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(TIMES):
            for name, words in commands.items():
                times[name].append(_cpu_ms(words))
        base = statistics.median(times["pass"])
        for name, found in times.items():
            print(f"{name:<14} {statistics.median(found):6.1f} CPU ms, {statistics.median(found) / base:.2f} x pass")


def _is_not_ours(path: Path) -> bool:
    inside = path.parts[path.parts.index("site-packages") + 1]
    return inside.partition("-")[0] in {*NOT_OURS, "pkg_resources", "_distutils_hack", "distutils"}


def _cpu_ms(words: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1e3 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


if __name__ == "__main__":
    sys.exit(main())
