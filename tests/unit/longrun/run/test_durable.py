"""Writing so that nothing is lost: what is left where it fails, what is litter, which folders are forced to disk."""

import errno
import os

import pytest

from longrun import write_atomically
from longrun.run.durable import make_folder, sweep, sync


def failing(number):
    def fsync(handle):
        raise OSError(number, os.strerror(number))

    return fsync


def forced(patch):
    """Paths that are forced to disk from now on."""
    paths = []
    patch.setattr(os, "fsync", lambda handle: paths.append(os.readlink(f"/proc/self/fd/{handle}")))
    return paths


@pytest.mark.parametrize("content", ["words", b"bytes", ""])
def test_a_file_is_there_whole_and_nothing_beside_it(tmp_path, content):
    (tmp_path / "file").write_text("before")
    write_atomically(tmp_path / "file", content)
    assert (tmp_path / "file").read_bytes() == (content.encode() if isinstance(content, str) else content)
    assert len(list(tmp_path.iterdir())) == 1


def test_content_comes_before_the_name_and_the_name_before_the_folder(tmp_path, monkeypatch):
    paths, replace = forced(monkeypatch), os.replace
    monkeypatch.setattr(os, "replace", lambda source, target: (paths.append("renamed"), replace(source, target)))
    write_atomically(tmp_path / "file", "words")
    assert paths == [f"{tmp_path}/.file.{os.getpid()}", "renamed", str(tmp_path)]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_what_cannot_be_written_is_named_and_what_was_there_stays(tmp_path, monkeypatch, number):
    (tmp_path / "file").write_text("before")
    monkeypatch.setattr(os, "fsync", failing(number))
    with pytest.raises(OSError, match=f"^cannot write {tmp_path}/file: {os.strerror(number)}$"):
        write_atomically(tmp_path / "file", "after")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("file", "before")]
    for path in (tmp_path, tmp_path / "file"):
        with pytest.raises(OSError, match=f"^cannot write {path}: "):
            sync(path)


def test_a_folder_that_cannot_be_forced_to_disk_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr(os, "fsync", failing(errno.EINVAL))
    sync(tmp_path)
    with pytest.raises(OSError, match="^cannot write .*/file: Invalid argument$"):
        sync(tmp_path / "file")


def test_a_file_without_a_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=f"^cannot write {tmp_path}/no/file: No such file or directory$"):
        write_atomically(tmp_path / "no" / "file", "words")


def test_the_names_of_new_folders_are_forced_to_disk_from_above(tmp_path, monkeypatch):
    paths = forced(monkeypatch)
    make_folder(tmp_path / "a" / "b" / "c")
    assert paths == [str(tmp_path), f"{tmp_path}/a", f"{tmp_path}/a/b"]
    paths.clear()
    make_folder(tmp_path / "a" / "b" / "c")
    assert paths == []


def test_what_kills_leave_is_swept_and_nothing_else(tmp_path):
    kept = {".lock", ".hidden", "file.12", ".file.12x", "..12"}
    for name in kept | {".file.12", ".metrics.jsonl.4711"}:
        (tmp_path / name).touch()
    (tmp_path / ".folder.3").mkdir()
    sweep(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == kept | {".folder.3"}
    sweep(tmp_path / "nowhere")
