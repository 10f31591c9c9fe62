"""The memory of versions: content-addressed bundles, an append-only history, and the champion it names."""

from omloop.register.files import FileBlobs
from omloop.register.registry import Registry, no_champion, projects
from omloop.register.stores import BUCKETS, STORES

__all__ = [
    "BUCKETS",
    "STORES",
    "FileBlobs",
    "Registry",
    "no_champion",
    "projects",
]
