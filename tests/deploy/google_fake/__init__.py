"""Google Cloud on loopback, for tests: see `server`."""

from tests.deploy.google_fake.server import Failure, GoogleFake, Request, running

__all__ = ["Failure", "GoogleFake", "Request", "running"]
