"""How long work takes, on a clock that is made up."""

import pytest

from longrun.measure import bench


def test_medians_are_of_what_is_measured_and_the_first_is_told_apart(monkeypatch):
    done = []
    durations = iter([9.0, 5.0, 0.003, 0.001, 0.002])
    monkeypatch.setattr(bench, "clocked", lambda work: (work(), (duration := next(durations)), duration / 2)[1:])
    found = bench.timed(lambda: done.append(1), 3)
    assert len(done) == 5
    assert found["milliseconds"] == pytest.approx(2.0) and found["processor_milliseconds"] == pytest.approx(1.0)
    assert found["first_seconds"] == 9.0 and found["peak_gigabytes"] > 0.01


def test_both_clocks_are_asked():
    wall, processor = bench.clocked(lambda: sum(range(200_000)))
    assert wall > 0 and processor > 0


def test_a_function_works_in_a_process_of_its_own():
    assert bench.in_process("os.path:join", "a", "it's") == "a/it's"
    assert bench.in_process("os:getpid") != bench.in_process("os:getpid")


def test_a_process_that_fails_says_why():
    with pytest.raises(RuntimeError, match=r"(?s)^os:listdir\('/nowhere',\) ended with exit code 1:\n.*FileNotFoundError"):
        bench.in_process("os:listdir", "/nowhere")


def test_rows_are_a_table(capsys):
    bench.print_table(["step", "ms"], [["arc", "1.5"], ["hrm", "2"]])
    assert capsys.readouterr().out == "| step | ms |\n|---|---|\n| arc | 1.5 |\n| hrm | 2 |\n"
