"""What a whole process takes."""

import pytest

from stegastamp.measure.starts import measure


def test_a_process_is_measured_from_its_start_to_its_end(tmp_path):
    idle, busy = (measure(["-c", code], tmp_path) for code in ("pass", "x = bytearray(100_000_000); sum(range(3_000_000))"))
    assert 0 < idle.processor < busy.processor
    assert busy.megabytes > idle.megabytes + 80
    assert idle.seconds > 0


def test_a_command_that_fails_is_no_measurement(tmp_path):
    with pytest.raises(RuntimeError, match=r"ended with 3: what went wrong"):
        measure(["-c", "print('what went wrong'); raise SystemExit(3)"], tmp_path)
    measure(["-c", "raise SystemExit(3)"], tmp_path, codes=(0, 3))
