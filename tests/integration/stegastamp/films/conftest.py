"""What the tests of films share."""

from tests.fixtures.detector import *  # noqa: F403
