"""The bill of materials of an image: every Python package that its lock names, as CycloneDX 1.6 has it.

The system's packages of the base image are not in it; `docker buildx build --sbom=true` tells those.
See https://cyclonedx.org/docs/1.6/json/.
"""

from __future__ import annotations

import json
import re
from typing import Any

from omloop.deploy.service import Service

_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


def bill_of_materials(service: Service, kind: str, lock: str) -> str:
    """The parts of the image `kind` of a service, from its lock.

    It has no time and no serial number, so that it is the same for the same packages.
    """
    parts = [_component(name, version) for name, version in locked_packages(lock)]
    main = {"type": "container", "bom-ref": "image", "name": service.image(kind)}
    found = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": main},
        "components": parts,
    }
    return json.dumps(found, indent=2) + "\n"


def locked_packages(lock: str) -> list[tuple[str, str]]:
    """The packages of a lock with their versions, in its order.

    >>> locked_packages("numpy==2.4.0 \\\\n    --hash=sha256:00\\n# via x\\nuvicorn[standard]==0.40\\n")
    [('numpy', '2.4.0'), ('uvicorn', '0.40')]
    """
    return [(name.lower(), version) for name, version in _PIN.findall(lock)]


def _component(name: str, version: str) -> dict[str, Any]:
    """A package by its address (purl), https://github.com/package-url/purl-spec."""
    address = f"pkg:pypi/{re.sub(r'[-_.]+', '-', name)}@{version}"
    return {"type": "library", "bom-ref": address, "name": name, "version": version, "purl": address}
