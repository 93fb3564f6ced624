"""A disk that is full from some moment on: one line that names what could not be written, and nothing that was saved is lost."""

import errno
import os

import pytest

from longrun import Checkpointer, Interrupted, Report, Unhealthy
from longrun.cli.main import main
from tests.fixtures.toy_training import Toy, kept, lines
from tests.integration.longrun.run.test_endings import at, retrace, send


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    """(digest, lines) of a toy left alone, and how many files and folders it has forced to disk."""
    folder, toy, calls = tmp_path_factory.mktemp("straight"), Toy(), []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", calls.append)
        toy.train(folder)
    return toy.digest(), lines(folder), len(calls)


def full_from(patch, call):
    """No file can be forced to disk any more, from a call on."""
    count = iter(range(10_000))

    def fsync(handle):
        if next(count) >= call:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    patch.setattr(os, "fsync", fsync)


@pytest.mark.parametrize("tenth", range(10))
def test_a_disk_that_fills_up_is_one_line_and_loses_nothing(tmp_path, monkeypatch, straight, tenth, capsys):
    digest, whole, calls = straight
    saved, save = [0], Checkpointer.save

    def noted(self, step, *arguments, **options):
        save(self, step, *arguments, **options)
        saved.append(step)

    with monkeypatch.context() as patch:
        full_from(patch, calls * tenth // 10)
        patch.setattr(Checkpointer, "save", noted)
        assert main("toy", {"train": lambda arguments, program: Toy().train(tmp_path)}, ["train"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("toy train: cannot ") and line.endswith(": No space left on device") and str(tmp_path) in line
    litter = [path for path in tmp_path.rglob("*") if path.name.endswith("_temp") or path.name.startswith(".") and path.name != ".lock"]
    assert litter == []
    toy = Toy()
    toy.train(tmp_path)
    assert not toy.steps or toy.steps[0] > saved[-1]
    assert (toy.digest(), lines(tmp_path)) == (digest, whole)


def test_a_line_that_cannot_be_written_is_named(tmp_path, straight):
    """A real full disk: a line is cut short, or not there at all."""
    path = tmp_path / "metrics.jsonl"

    def fill():
        path.rename(tmp_path / "aside")
        path.symlink_to("/dev/full")

    with pytest.raises(OSError, match=f"^cannot write {path}: No space left on device$"):
        Toy().train(tmp_path, at(5, fill))
    path.unlink()
    (tmp_path / "aside").rename(path)
    with path.open("a") as file:
        file.write('{"step": 6, "lo')
    toy = Toy()
    toy.train(tmp_path)
    assert toy.steps[0] == 5
    assert lines(tmp_path) == straight[1]


def test_a_full_disk_while_a_signal_saves_leaves_the_save_before(tmp_path, monkeypatch, straight):
    with monkeypatch.context() as patch:

        def event():
            full_from(patch, 0)
            send()()

        with pytest.raises(OSError, match="^cannot write .*No space left on device$"):
            Toy().train(tmp_path, at(6, event))
    assert kept(tmp_path) == {"best": [4], "last": [4]}
    toy = Toy()
    toy.train(tmp_path)
    assert (toy.digest(), lines(tmp_path)) == straight[:2]


@pytest.mark.parametrize("ending", [retrace, send()])
def test_a_report_that_cannot_be_written_hides_no_ending(tmp_path, monkeypatch, ending, capsys):
    """The exit code stays that of a sick run or of a signal, not that of a full disk."""
    write = Report.write

    def full(self, folder, *arguments, end=None, **options):
        if end is not None:
            raise OSError(f"cannot write {folder}/REPORT.md: No space left on device")
        write(self, folder, *arguments, end=end, **options)

    monkeypatch.setattr(Report, "write", full)
    with pytest.raises((Unhealthy, Interrupted)):
        Toy().train(tmp_path, at(6, ending))
    assert f"cannot write {tmp_path}/REPORT.md: No space left on device\n" in capsys.readouterr().err
