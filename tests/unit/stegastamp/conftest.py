"""What the tests of stegastamp share."""

from tests.fixtures.stegastamp import *  # noqa: F403
