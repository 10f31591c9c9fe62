"""Items about documentation: pages that a tool builds, and where they can be read."""

from __future__ import annotations

import re

from omloop.audit.commands import in_workflows
from omloop.audit.evidence import Evidence, Spot, found, missing, weak
from omloop.audit.items.ask import first, only_declared
from omloop.audit.repository import Repository

LEAST_WORDS = 100


def documentation(repository: Repository) -> Evidence:
    """Pages that a tool builds, each of which is there."""
    for path, trees in repository.yaml.items():
        name = path.rpartition("/")[2]
        tree = trees[0] if trees else None
        if tree is None or name not in ("mkdocs.yml", "mkdocs.yaml", "_quarto.yml", "zensical.yml"):
            continue
        folder = tree.get("docs_dir")
        base = f"{path.rpartition('/')[0]}/{folder.text if folder else 'docs'}".strip("/")
        nav = tree.get("nav")
        pages = [one for one in (nav.texts() if nav else ()) if one.text.endswith(".md") and "://" not in one.text]
        absent = [
            one for one in pages if not any(there.endswith(one.text.removeprefix("./")) for there in repository.paths)
        ]
        if absent and name.startswith(("mkdocs", "zensical")):
            return weak(f"{absent[0].text} is in the navigation, and not there", Spot(path, absent[0].line))
        written = [one for one in repository.pages.values() if one.path.startswith(f"{base}/") or base == "."]
        if sum(one.words for one in written) < LEAST_WORDS and name.startswith("mkdocs"):
            return weak("a site with hardly any words", Spot(path, 1))
        return found("a site of pages", Spot(path, 1))
    sphinx = [path for path in repository.find(r"(.*/)?docs?/(source/)?conf\.py$")]
    if sphinx:
        return found("a site of Sphinx's", Spot(sphinx[0], 1))
    pages = [one for path, one in repository.pages.items() if path.startswith("docs/") and one.words >= LEAST_WORDS]
    if pages:
        return weak("pages that no tool builds", *first(Spot(one.path, 1) for one in pages))
    return only_declared(repository, "mkdocs", "mkdocs-material", "sphinx")


def published(repository: Repository) -> Evidence:
    """A workflow or a service that publishes the pages."""
    hits = [
        (workflow, Spot(workflow.path, step.line))
        for workflow in repository.workflows.values()
        for step in workflow.steps
        if re.search(r"deploy-pages|gh-pages|github-pages-deploy", step.uses)
    ]
    hits += [
        (workflow, hit.spot)
        for workflow, hit in in_workflows(
            repository, r"\bmkdocs gh-deploy\b|\bghp-import\b|\bmike deploy\b|\bquarto publish\b"
        )
    ]
    automatic = [spot for workflow, spot in hits if workflow.is_automatic()]
    services = [Spot(path, 1) for path in repository.find(r"\.readthedocs\.ya?ml$|netlify\.toml$")]
    if spots := first([*automatic, *services]):
        return found("the pages are published", *spots)
    if hits:
        return weak("the pages are published when somebody starts it", *first(spot for _, spot in hits))
    return missing()
