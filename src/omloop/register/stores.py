"""The table of stores that versions can be kept in."""

from omloop.core import Backends

STORES = Backends("store", {"files": "omloop.register.files:FileBlobs"})
"""Names of the `Blobs` adapters; each is made with the address of its store."""
