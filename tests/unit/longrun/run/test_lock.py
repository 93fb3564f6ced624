"""One process at a time in a folder, and runs that are moved out of the way."""

import errno
import fcntl
import json
import os

import pytest

from longrun import Lock, UserError
from longrun.run.lock import set_aside


def run_in(folder, **identity):
    """A folder that a run has written into."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"project": "toy", "preset": "only", **identity}))
    return folder


def without_locks(monkeypatch, number=errno.ENOLCK):
    def flock(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)


def test_one_at_a_time_and_then_another(tmp_path):
    refusal = f"^another process is training in {tmp_path}/run$"
    with Lock(tmp_path / "run"), pytest.raises(BlockingIOError, match=refusal), Lock(tmp_path / "run"):
        pass
    with Lock(tmp_path / "run"):
        pass


def test_without_its_lock_anybody_may_come_in(tmp_path):
    with Lock(tmp_path, enabled=False), Lock(tmp_path), Lock(tmp_path, enabled=False):
        pass


def test_a_folder_that_is_a_file_is_an_error_of_the_users(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"), Lock(tmp_path / "file"):
        pass


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_file_system_without_locks_is_one_line_that_says_what_to_do(tmp_path, monkeypatch, number):
    without_locks(monkeypatch, number)
    with pytest.raises(UserError) as caught, Lock(tmp_path):
        pass
    line = f"{tmp_path}/.lock: the file system has no locks ({os.strerror(number)}); --no-lock goes on without"
    assert str(caught.value) == line
    with Lock(tmp_path, enabled=False):
        pass


def test_another_error_of_a_lock_is_its_own(tmp_path, monkeypatch):
    without_locks(monkeypatch, errno.EIO)
    with pytest.raises(OSError, match="Input/output error"), Lock(tmp_path):
        pass


def test_a_lock_of_a_folder_that_was_moved_meanwhile_is_taken_in_the_new_one(tmp_path, monkeypatch):
    folder, flock = run_in(tmp_path / "run"), fcntl.flock

    def moved_before(file, how):
        if folder.exists() and not (tmp_path / "run.1").exists():
            folder.rename(tmp_path / "run.1")
        flock(file, how)

    monkeypatch.setattr(fcntl, "flock", moved_before)
    with Lock(folder):
        assert (folder / ".lock").exists()
        monkeypatch.undo()
        with pytest.raises(BlockingIOError), Lock(folder):
            pass
        with Lock(tmp_path / "run.1"):
            pass


# Out of the way.


def test_setting_aside_deletes_nothing(tmp_path):
    folder = tmp_path / "tiny"
    assert set_aside(folder) is None
    for number in (1, 2):
        run_in(folder, number=number)
        assert set_aside(folder) == tmp_path / f"tiny.{number}"
        assert not folder.exists()
    assert [json.loads((tmp_path / f"tiny.{number}" / "config.json").read_text())["number"] for number in (1, 2)] == [1, 2]


def test_a_run_that_is_alive_is_not_moved(tmp_path):
    folder = run_in(tmp_path / "run")
    with Lock(folder), pytest.raises(BlockingIOError, match=f"^another process is training in {folder}$"):
        set_aside(folder)
    assert folder.is_dir() and not (tmp_path / "run.1").exists()
    assert set_aside(folder) == tmp_path / "run.1"


def test_where_there_are_no_locks_it_must_be_said(tmp_path, monkeypatch):
    without_locks(monkeypatch)
    folder = run_in(tmp_path / "run")
    with pytest.raises(UserError, match="--no-lock"):
        set_aside(folder)
    assert set_aside(folder, locked=False) == tmp_path / "run.1"


def test_a_run_whose_config_was_emptied_is_still_a_run(tmp_path):
    folder = run_in(tmp_path / "run")
    (folder / "config.json").write_text("")
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "manifest.json").write_text("")
    assert set_aside(folder) == tmp_path / "run.1"


@pytest.mark.parametrize("content", [None, "", "[1]", "7", '{"name": "of another program"}', b"\xff"])
def test_what_is_no_run_is_not_moved(tmp_path, content):
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "cat.jpg").write_text("")
    if content is not None:
        (folder / "config.json").write_bytes(content if isinstance(content, bytes) else content.encode())
    line = f"^{folder} holds no run .there is no config.json of a run in it, but cat.jpg.; it is not moved$"
    with pytest.raises(UserError, match=line):
        set_aside(folder)
    assert (folder / "cat.jpg").exists()


def test_a_file_is_not_moved(tmp_path):
    (tmp_path / "run").write_text("")
    with pytest.raises(UserError, match=f"^{tmp_path}/run is no run folder but a file$"):
        set_aside(tmp_path / "run")


def test_an_empty_folder_need_not_be_moved(tmp_path):
    (tmp_path / ".lock").write_text("")
    assert set_aside(tmp_path) is None


@pytest.mark.parametrize("name", [".", "..", "../run", "inside/.."])
def test_where_the_command_runs_and_what_is_above_it_stay(tmp_path, monkeypatch, name):
    folder = run_in(tmp_path / "run")
    run_in(folder / "inside")
    monkeypatch.chdir(folder)
    (tmp_path / "config.json").write_text('{"project": "toy"}')
    with pytest.raises(UserError, match=" is where this command runs, or above it; it is not moved$"):
        set_aside(name)
    assert folder.is_dir()
