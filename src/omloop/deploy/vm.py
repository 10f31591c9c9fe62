"""The target `vm`: units of systemd for any host of Debian, and cloud-init for a new machine."""

from __future__ import annotations

import shlex

from omloop.deploy.service import Service
from omloop.deploy.templates import render_file, render_folder

CLONE = "https://github.com/{}.git"


def vm_files(service: Service) -> dict[str, str]:
    """The server as a service, the watch by a timer, the web page if the settings ask for it, and the installer.

    Server and watch have the packages of `train`, and the page those of `ui`.
    """
    home = f"/opt/omloop/{service.host}"
    variables = {
        "HOME": f"/var/lib/omloop/{service.host}",
        "OMLOOP_WORKSPACE": f"/var/lib/omloop/{service.host}",
        "OMLOOP_PROJECTS": f"{home}/projects",
        "OMLOOP_HOST": "127.0.0.1",
        "OMLOOP_PORT": "8080",
        **service.variables,
    }
    values = {
        "home": home,
        "unit": render_file("unit.conf", service=service, variables=variables).rstrip(),
        "torch": service.torch if "torch" in service.extras.get("train", ()) else "",
        "omloop": f'"$repository/{service.wheel}"' if service.wheel else shlex.quote(service.omloop),
        "repository": CLONE.format(service.settings.repository or "OWNER/REPOSITORY"),
    }
    files = render_folder("vm", service=service, **values)
    return {f"{service.place}/vm/{name}": text for name, text in files.items()}
