"""What the tests of collatz share."""

from tests.fixtures.collatz import *  # noqa: F403
