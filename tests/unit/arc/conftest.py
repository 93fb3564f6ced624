"""What the tests of arc share."""

from tests.fixtures.arc import *  # noqa: F403
