"""The target `hpc`: what jobs of a cluster with Slurm or LSF run in, with Apptainer or as a module of Lmod."""

from __future__ import annotations

import json
import shlex

from omloop.deploy.service import Service
from omloop.deploy.templates import render_file


def hpc_files(service: Service) -> dict[str, str]:
    """An image's definition, and a script that makes the same environment without one; the packages are `train`'s."""
    torch = service.torch if "torch" in service.extras.get("train", ()) else ""
    summary = " ".join(service.summary.split())
    omloop = shlex.quote(service.omloop)
    checkout = f'"$repository/{service.wheel}"' if service.wheel else omloop
    described = json.dumps(f"Description: {summary}", ensure_ascii=False)  # Lua reads these escapes alike
    return {
        f"{service.place}/locks/train.txt": service.locks.get("train", ""),
        f"{service.place}/hpc/train.def": render_file(
            "hpc/train.def", service=service, torch=torch, omloop=omloop, summary=summary
        ),
        f"{service.place}/hpc/make_environment.sh": render_file(
            "hpc/make_environment.sh", service=service, torch=torch, omloop=checkout
        ),
        f"{service.place}/hpc/module.lua": render_file("hpc/module.lua", service=service, description=described),
    }
