"""Files that a person names: refused before the work, whole after it, and of several writers one."""

import errno
import os
import stat
import subprocess
import sys

import pytest

from longrun.errors import UserError
from longrun.run.output import check_folder, check_output, output, write_output
from tests.places import ROOT

WRITER = """
import sys
from longrun.errors import UserError
from longrun.run.output import write_output

print("ready", flush=True)
sys.stdin.readline()
try:
    write_output(sys.argv[1], sys.argv[2] * 200_000, overwrite=sys.argv[3] == "True")
except UserError as error:
    sys.exit(str(error))
"""


def race(path, overwrite, prelude=""):
    """Four processes that write the same name at once: their letters that won, and what the others said."""
    command = [sys.executable, "-c", prelude + WRITER, str(path)]
    options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": ROOT}
    processes = [subprocess.Popen([*command, letter, str(overwrite)], **options) for letter in "abcd"]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:  # All are waiting; now they go.
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate()[1] for process in processes]
    won = [letter for letter, process in zip("abcd", processes, strict=True) if process.returncode == 0]
    return won, [text for text in said if text]


NO_LINKS = "import os\ndef link(*_):\n    raise OSError(1, 'Operation not permitted')\nos.link = link\n"


@pytest.mark.parametrize("prelude", ["", NO_LINKS], ids=["links", "no links"])
def test_of_four_processes_one_wins_and_three_say_so(tmp_path, prelude):
    path = tmp_path / "out"
    won, said = race(path, False, prelude)
    assert len(won) == 1 and said == [f"{path} exists; --overwrite replaces it\n"] * 3
    assert path.read_text() == won[0] * 200_000
    assert [each.name for each in tmp_path.iterdir()] == ["out"]


def test_of_four_processes_that_overwrite_the_last_whole_file_stays(tmp_path):
    path = tmp_path / "out"
    path.write_text("before")
    won, said = race(path, True)
    assert (won, said) == (["a", "b", "c", "d"], [])
    content = path.read_text()
    assert content in [letter * 200_000 for letter in "abcd"]
    assert [each.name for each in tmp_path.iterdir()] == ["out"]


def test_nothing_is_left_of_a_block_that_fails_and_what_was_there_stays(tmp_path):
    (tmp_path / "film.mp4").write_text("before")
    with pytest.raises(RuntimeError), output(tmp_path / "film.mp4") as place:
        assert (place.parent, place.suffix) == (tmp_path, ".mp4")
        place.write_text("half")
        raise RuntimeError
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("film.mp4", "before")]


def test_a_file_that_came_meanwhile_is_kept(tmp_path):
    path = tmp_path / "out"
    with pytest.raises(UserError, match=f"^{path} exists; --overwrite replaces it$"), output(path, overwrite=False) as place:
        path.write_text("theirs")
        place.write_text("ours")
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("out", "theirs")]


def test_a_link_that_was_made_though_the_answer_was_lost_counts(tmp_path, monkeypatch):
    link = os.link

    def lost(source, target):
        link(source, target)
        raise FileExistsError(errno.EEXIST, "File exists")

    monkeypatch.setattr(os, "link", lost)
    write_output(tmp_path / "out", "words", overwrite=False)
    assert (tmp_path / "out").read_text() == "words"


def test_rights_and_links_stay_what_they_are(tmp_path):
    (tmp_path / "secret").write_text("before")
    (tmp_path / "secret").chmod(0o600)
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    write_output(tmp_path / "link", "after")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "secret").read_text() == "after"
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    mask = os.umask(0o027)
    write_output(tmp_path / "new", "words", overwrite=False)
    os.umask(mask)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    with pytest.raises(UserError, match="exists"):
        write_output(tmp_path / "nowhere", "words", overwrite=False)


def test_a_device_is_written_to_and_stays_one():
    for overwrite in (False, True):
        check_output(os.devnull, overwrite=overwrite)
        write_output(os.devnull, "words", overwrite=overwrite)
        assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_a_full_disk_is_one_line_with_the_name_that_was_given(tmp_path, monkeypatch, number):
    def fsync(handle):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match=f"^cannot write {tmp_path}/out: {os.strerror(number)}$"):
        write_output(tmp_path / "out", "words")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_found_before_the_work(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    for path, kind, line in (
        (tmp_path, IsADirectoryError, "it is a folder"),
        (tmp_path / "no" / "such" / "out", FileNotFoundError, f"there is no folder {tmp_path}/no/such"),
        (tmp_path / "file" / "out", NotADirectoryError, f"{tmp_path}/file is no folder"),
    ):
        with pytest.raises(kind, match=f"^cannot write {path}: {line}$"):
            check_output(path)
        if kind is FileNotFoundError:
            with pytest.raises(kind, match=f"^cannot write {path}: No such file or directory$"):
                write_output(path, "words")
    with pytest.raises(NotADirectoryError):
        check_folder(tmp_path / "file")
    with pytest.raises(UserError, match=f"^{tmp_path}/file exists; --overwrite replaces it$"):
        check_output(tmp_path / "file", overwrite=False)
    check_output(tmp_path / "file")
    check_output(tmp_path / "no" / "such" / "out", makes_folder=True)
    check_folder(tmp_path / "no" / "such")
    monkeypatch.setattr(os, "access", lambda *_: False)
    for check in (check_output, check_folder):
        with pytest.raises(PermissionError, match=f"^cannot write {tmp_path}/out: the folder {tmp_path} cannot be written to$"):
            check(tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
