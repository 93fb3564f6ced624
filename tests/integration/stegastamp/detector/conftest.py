"""What the tests of the detector share."""

from tests.fixtures.detector import *  # noqa: F403
