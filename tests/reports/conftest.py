"""A process to fork from, as the tests of the engine have it."""

from tests.batch.conftest import lab

__all__ = ["lab"]
