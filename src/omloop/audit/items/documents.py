"""Items about documentation: pages that a tool builds, and where people read them."""

from __future__ import annotations

import posixpath
import re

from omloop.audit.commands import Command, in_workflows, run_where
from omloop.audit.evidence import Evidence, Spot, found, missing, weak
from omloop.audit.items.ask import first, only_declared
from omloop.audit.named_files import PLAIN
from omloop.audit.options import option
from omloop.audit.repository import Repository
from omloop.audit.tree import Node

LEAST_WORDS = 100
_SETTINGS = ("mkdocs.yml", "mkdocs.yaml", "zensical.yml")
_SOURCES = ("", ".rst", ".md", ".markdown", ".txt", ".ipynb", ".py")
"""Ends of files that Sphinx or its extensions read as pages."""
_MADE = re.compile(r"(?i)[*?\[]|://|^self$|^(?:gen|mod)index$|^search$|auto|generated|modules|api")
"""Entries that are no files, or that a tool may write during the build."""


def documentation(repository: Repository) -> Evidence:
    """Pages that a tool builds, each of which is there."""
    built = [(_settings(one), one.spot) for one in run_where(repository, r"\bmkdocs (?:build|serve|gh-deploy)\b")]
    named = {path for path, _ in built}
    for path, trees in repository.yaml.items():
        if trees and (path in named or path.rpartition("/")[2] in _SETTINGS):
            return _site(repository, path, trees[0])
    if settings := repository.find(r"(.*/)?docs?/(source/)?conf\.py$"):
        return _sphinx(repository, settings[0])
    if settings := repository.find(r"(.*/)?_quarto\.yml$"):
        return found("a site of pages", Spot(settings[0], 1))
    absent = [(path, spot) for path, spot in built if PLAIN.fullmatch(path) and path not in repository.paths]
    if absent:
        return weak(f"MkDocs is run, and {absent[0][0]} is not there", *first(spot for _, spot in absent))
    pages = [one for path, one in repository.pages.items() if path.startswith("docs/") and one.words >= LEAST_WORDS]
    if pages:
        return weak("pages that no tool builds", *first(Spot(one.path, 1) for one in pages))
    return only_declared(repository, "mkdocs", "mkdocs-material", "sphinx")


def _settings(command: Command) -> str:
    """The settings that a command of MkDocs takes."""
    return posixpath.normpath(option(command.text.split(), "-f", "--config-file") or "mkdocs.yml")


def _sphinx(repository: Repository, path: str) -> Evidence:
    """A site of Sphinx's, whose first page names pages that are there, and whose pages say something."""
    base = path.removesuffix("conf.py")
    pages = [one for one in repository.pages.values() if one.path.startswith(base)]
    for page in (one for one in pages if one.path.removeprefix(base) in ("index.rst", "index.md")):
        for line, entry in page.contents:
            wanted = f"{base}{entry.removeprefix('./').strip('/')}"
            is_made = _MADE.search(entry) or any(f"{wanted}{end}" in repository.paths for end in _SOURCES)
            if not is_made:
                return weak(f"{entry} is in the contents, and not there", Spot(page.path, line))
    if sum(one.words for one in pages) < LEAST_WORDS and not any(one.from_code for one in pages):
        return weak("a site with hardly any words", Spot(path, 1))
    return found("a site of pages", Spot(path, 1))


def _site(repository: Repository, path: str, settings: Node) -> Evidence:
    """A site of MkDocs', whose navigation names pages that are there and say something."""
    folder, nav = settings.get("docs_dir"), settings.get("nav")
    base = posixpath.normpath(posixpath.join(posixpath.dirname(path), folder.text if folder else "docs"))
    base = "" if base == "." else f"{base}/"
    for one in nav.texts() if nav else ():
        page = one.text.removeprefix("./")
        if page.endswith(".md") and "://" not in page and f"{base}{page}" not in repository.paths:
            return weak(f"{one.text} is in the navigation, and not there", Spot(path, one.line))
    if sum(one.words for one in repository.pages.values() if one.path.startswith(base)) < LEAST_WORDS:
        return weak("a site with hardly any words", Spot(path, 1))
    return found("a site of pages", Spot(path, 1))


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
