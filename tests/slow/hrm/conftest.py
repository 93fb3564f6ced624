"""What the tests of hrm share."""

from tests.fixtures.hrm import *  # noqa: F403
