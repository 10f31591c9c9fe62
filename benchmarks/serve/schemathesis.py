"""Thousands of requests made out of a server's own OpenAPI document: does each answer fit what the document says?

    python -m venv /tmp/fuzz && /tmp/fuzz/bin/pip install schemathesis==4.32.5
    python benchmarks/serve/schemathesis.py /tmp/fuzz/bin/schemathesis [cases an operation]

Schemathesis lives in an environment of its own: it would bring thirty packages, and a plugin that every run of pytest
loads. Servers of a table, of pictures and of texts are asked in turn, with the addresses of other servers and without.
Looked for are a 5xx, a status, a content type or a header that is not documented, an answer that does not fit its
schema, a request that the document forbids and the server takes, and methods that are not there. What is valid and
refused is not looked for: that bytes are no picture, or a text has no word, is beyond a schema. Exit
code 1 when something was found.
"""

import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from omloop.bundle import Bundle
from omloop.serve import Champion, ServerOptions, create_app, running
from omloop.testing.bundles import tiny_bundle, tiny_image_bundle, tiny_text_bundle
from omloop.testing.memories import MemoryPredictions, MemoryVersions

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
)
SEED = 1
# Headers that nobody knows are to be ignored, says HTTP, whatever a document lists.
HOOKS = """
import schemathesis

@schemathesis.hook
def filter_case(context, case):
    return "x-schemathesis-unknown-property" not in (case.headers or {})
"""
# A request of a millisecond's patience may come to a 504, and one of too many rows to a 413.
CONFIG = """
[checks]
not_a_server_error.expected-statuses = ["2xx", "4xx", 504]
negative_data_rejection.expected-statuses = ["4xx", 504]
"""
# What a project's compat.json says, for each of the three kinds. No answer is a list of two things: of such a schema
# (`prefixItems`) this version of schemathesis makes an invalid one.
SEEDS: dict[str, dict[str, object]] = {
    "table": {
        "method": "POST",
        "path": "/score",
        "take": "rows",
        "field": "rows",
        "answer": {"scores": {"$each": "$value"}},
    },
    "image": {"method": "POST", "path": "/look", "take": "file", "field": "file", "answer": {"level": "$value"}},
    "text": {
        "path": "/review/",
        "take": "query",
        "field": "text",
        "default": "good",
        "answer": {"label": "$label", "index": "$index", "shares": "$shares", "sure": "$confidence", "of": "$project"},
    },
}


def main(schemathesis: str, most: int) -> int:
    bundles = {"table": tiny_bundle(), "image": tiny_image_bundle(), "text": tiny_text_bundle()}
    total: Counter[str] = Counter()
    for compat, (kind, bundle) in itertools.product(((), ("former-service", "kserve", "mlflow")), bundles.items()):
        found = _asked(_with_routes(bundle, kind), compat, [schemathesis, "run", "--max-examples", str(most)])
        print(f"{kind:6} {','.join(compat) or 'omloop alone':20} {dict(found)}", flush=True)
        total += found
    print(f"in all {'':20} {dict(total)}")
    return 1 if total["found"] else 0


def _with_routes(bundle: Bundle, kind: str) -> Bundle:
    status = {"path": "/status", "answer": {"version": "$version"}}
    content = json.dumps({"routes": [status, SEEDS[kind]]}).encode()
    return Bundle.seal(bundle.manifest, {**bundle.files, "compat.json": content})


def _asked(bundle: Bundle, compat: tuple[str, ...], command: list[str]) -> Counter[str]:
    """Run it against one server; what it found is printed, and counted with the cases."""
    ids = itertools.count()
    champion, options = Champion(MemoryVersions(bundle), threads=1), ServerOptions(compat=compat)
    app = create_app(champion, MemoryPredictions(), new_id=lambda: f"{next(ids)}", options=options)
    with running(app) as url, tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "events.ndjson")
        options = ["--checks", ",".join(CHECKS), "--continue-on-failure", "--generation-database", "none", "--no-color"]
        kept = ["--report", "ndjson", "--report-ndjson-path", str(report), "--seed", str(SEED), "--warnings", "off"]
        Path(folder, "hooks.py").write_text(HOOKS)
        Path(folder, "schemathesis.toml").write_text(CONFIG)
        done = subprocess.run(
            [*command, *options, *kept, f"{url}/openapi.json"],
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            env={**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": folder},
        )
        if done.returncode:
            print(*(line[:500] for line in (done.stdout + done.stderr).splitlines()), sep="\n", flush=True)
        cases = sum(line.count('"status_code"') for line in report.read_text().splitlines())
    return Counter(cases=cases, found=done.returncode)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 300))
