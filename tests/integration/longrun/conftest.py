"""What the tests of longrun share."""

from tests.fixtures.longrun import *  # noqa: F403
