"""What the slow tests of longrun share."""

from tests.fixtures.unsynced import *  # noqa: F403
