"""Damage: what kills, power cuts, full disks and users do to the files of checkpoints, and what is left then."""

import contextlib
import gc
import json
import os
import re
import resource

import keras
import numpy as np
import pytest

from longrun import Checkpointer, restore_variables, write_atomically
from tests.fixtures.checkpoints import CONFIG, one_variable, saved, steps_on_disk, value_of


def test_litter_of_a_kill_is_swept(tmp_path):
    saved(tmp_path, 1)
    for name in (".best.json.123", "last/.checkpoint.77", "last/ckpt-3.data-00000-of-00001"):
        (tmp_path / name).write_text("half")
    litter = tmp_path / "last" / "ckpt-2_temp"
    litter.mkdir()
    (litter / "part-00000-of-00001.data-00000-of-00001").write_text("half")
    (tmp_path / "last" / "checkpoint.tmp0123").write_text("half")
    groups = one_variable()
    assert Checkpointer(tmp_path, groups, CONFIG).restore() == (1, {"strikes": 1})
    assert sorted(path.name for path in (tmp_path / "last").iterdir()) == [
        "checkpoint",
        "ckpt-1.data-00000-of-00001",
        "ckpt-1.index",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["last", "manifest.json"]


def test_files_of_other_names_are_no_checkpoints(tmp_path):
    saved(tmp_path, 1)
    for name in ("ckpt-best.index", "ckpt-9 (copy).index", "ckpt-.index"):
        (tmp_path / "last" / name).write_text("a user's")
    assert Checkpointer(tmp_path, one_variable(), CONFIG).restore() == (1, {"strikes": 1})
    assert restore_variables(tmp_path, one_variable()) == 1


@pytest.mark.parametrize("before", [(), (1,)])
@pytest.mark.parametrize("moved", [0, 1])
def test_a_kill_within_a_save_leaves_what_was_there_before(tmp_path, monkeypatch, before, moved):
    """Nothing, too, where it is the first save: then the run starts anew. moved: files that have come to their place by then."""
    checkpointer, groups, replace = saved(tmp_path, *before), one_variable(), os.replace
    left = iter(range(moved))

    def killed(source, target):
        if "ckpt-2" in str(target) and next(left, None) is None:
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        checkpointer.save(2)
    monkeypatch.undo()
    again = Checkpointer(tmp_path, groups, CONFIG)
    assert again.restore() == ((1, {"strikes": 1}) if before else None)
    again.save(2, {"strikes": 7})
    assert Checkpointer(tmp_path, groups, CONFIG).restore() == (2, {"strikes": 7})


def cut_data(data, index):
    data.write_bytes(data.read_bytes()[:10])


def flip_data(data, index):
    content = bytearray(data.read_bytes())
    content[12] ^= 255
    data.write_bytes(content)


def remove_data(data, index):
    data.unlink()


def cut_index(data, index):
    index.write_bytes(index.read_bytes()[:50])


def empty_index(data, index):
    index.write_bytes(b"")


@pytest.mark.parametrize("damage", [cut_data, flip_data, remove_data, cut_index, empty_index])
def test_a_damaged_checkpoint_falls_back_to_the_one_before(tmp_path, damage, capfd):
    saved(tmp_path, 1, 2)
    damage(tmp_path / "last" / "ckpt-2.data-00000-of-00001", tmp_path / "last" / "ckpt-2.index")
    groups = one_variable()
    checkpointer = Checkpointer(tmp_path, groups, CONFIG)
    assert checkpointer.restore() == (1, {"strikes": 1})
    assert value_of(groups) == 1
    captured = capfd.readouterr()
    assert captured.out == ""
    assert re.search(r"^checkpoint \S+/last/ckpt-2 cannot be read \([^{]+\)$", captured.err, re.MULTILINE)
    # And the run goes on over it.
    groups["model"][0].assign(np.full((2, 2), 5.0))
    checkpointer.save(2, {"strikes": 5})
    assert Checkpointer(tmp_path, groups, CONFIG).restore() == (2, {"strikes": 5})


def test_a_run_does_not_start_anew_over_checkpoints_it_cannot_read(tmp_path):
    saved(tmp_path, 1, 2)
    for path in (tmp_path / "last").glob("*.data*"):
        path.write_bytes(b"")
    checkpointer = Checkpointer(tmp_path, one_variable(), CONFIG)
    with pytest.raises(OSError, match=f"^none of the 2 checkpoints in {tmp_path}/last can be read$"):
        checkpointer.restore()


def flip_all(data, index):
    data.write_bytes(bytes(255 - byte for byte in data.read_bytes()))


@pytest.mark.parametrize("damage", [cut_data, flip_all, remove_data, cut_index, empty_index])
def test_reading_a_damaged_checkpoint_is_one_line_and_no_word_of_a_library(tmp_path, damage, capfd):
    saved(tmp_path, 1)
    damage(tmp_path / "last" / "ckpt-1.data-00000-of-00001", tmp_path / "last" / "ckpt-1.index")
    with pytest.raises(OSError, match=f"^checkpoint {tmp_path}/last/ckpt-1 cannot be read: ") as caught:
        restore_variables(tmp_path, one_variable())
    assert len(str(caught.value)) - 2 * len(str(tmp_path)) <= 200
    del caught
    gc.collect()
    assert capfd.readouterr() == ("", "")


def test_a_checkpoint_of_other_variables_than_its_manifest_says_is_damaged(tmp_path, capfd):
    saved(tmp_path, 1)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    manifest["variables"]["average"] = manifest["variables"]["model"]
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    groups = {**one_variable(), "average": one_variable()["model"]}
    with pytest.raises(OSError, match="cannot be read: Found 1 Python objects that were not bound"):
        restore_variables(tmp_path, groups)
    checkpointer = Checkpointer(tmp_path, groups, CONFIG)
    with pytest.raises(OSError, match="none of the 1 checkpoints"):
        checkpointer.restore()
    assert capfd.readouterr().err.startswith(f"checkpoint {tmp_path}/last/ckpt-1 cannot be read (")


@pytest.mark.parametrize("content", ["", "no pointer at all"])
def test_a_damaged_pointer_loses_nothing(tmp_path, content):
    saved(tmp_path, 1, 2)
    (tmp_path / "last" / "checkpoint").write_text(content)
    assert restore_variables(tmp_path, one_variable()) == 2
    groups = one_variable()
    checkpointer = Checkpointer(tmp_path, groups, CONFIG)
    assert checkpointer.restore() == (2, {"strikes": 2})
    checkpointer.save(3)
    assert Checkpointer(tmp_path, groups, CONFIG).restore() == (3, {})


@contextlib.contextmanager
def full_disk():
    """Within it no file may grow beyond 4 kB, which ends a write as a full disk does.

    It must end before pytest writes its next dot: the output of the suite may go to a file too.
    """
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_while_saving_leaves_the_checkpoint_before(tmp_path):
    groups = {"model": [keras.Variable(np.ones((100, 100), np.float32), name="kernel")]}
    checkpointer = Checkpointer(tmp_path, groups, CONFIG)
    checkpointer.save(1, {"strikes": 1})
    groups["model"][0].assign(np.zeros((100, 100)))
    refusal = f"^cannot save a checkpoint in {tmp_path}/last: [^{{\n]*File too large[^\n]*$"
    with pytest.raises(OSError, match=refusal), full_disk():
        checkpointer.save(2)
    assert not list((tmp_path / "last").glob("*_temp"))
    assert Checkpointer(tmp_path, groups, CONFIG).restore() == (1, {"strikes": 1})
    assert value_of(groups) == 1


def test_a_full_disk_leaves_a_small_file_as_it_was(tmp_path):
    path = tmp_path / "best.json"
    write_atomically(path, "before")
    with pytest.raises(OSError, match=f"^cannot write {path}: File too large$"), full_disk():
        write_atomically(path, "x" * 9999)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("best.json", "before")]


@pytest.mark.parametrize("content", ["", "half", "[1]", '{"step": 1}', '{"metric": "accuracy", "value": "high"}', "\xff"])
def test_a_damaged_record_of_the_best_is_named_and_the_next_one_counts(tmp_path, content, capsys):
    groups = one_variable()
    checkpointer = Checkpointer(tmp_path, groups, CONFIG, best=("accuracy", "max"))
    checkpointer.save(1, {}, {"accuracy": 0.9})
    (tmp_path / "best.json").write_bytes(content.encode("latin-1"))
    checkpointer.save(2, {}, {"accuracy": 0.5})
    checkpointer.save(3, {}, {"accuracy": 0.4})
    assert steps_on_disk(tmp_path, "best") == [2]
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{tmp_path}/best.json is damaged (") and line.endswith("): the next evaluation counts as the best")


def test_the_index_comes_last_on_disk_too(tmp_path, monkeypatch):
    """A disk may keep the names of a folder in another order: each is forced there before the next."""
    done, replace = [], os.replace
    checkpointer = saved(tmp_path, 1)
    monkeypatch.setattr(os, "fsync", lambda handle: done.append(os.path.basename(os.readlink(f"/proc/self/fd/{handle}"))))
    monkeypatch.setattr(os, "replace", lambda source, target: (done.append(f"to {os.path.basename(target)}"), replace(source, target)))
    checkpointer.save(2)
    data, index = "ckpt-2.data-00000-of-00001", "ckpt-2.index"
    assert done[:6] == [data, index, f"to {data}", "last", f"to {index}", "last"]


def test_a_checkpoint_is_deleted_from_its_index_on(tmp_path, monkeypatch):
    """A kill between the two files leaves data that are no checkpoint, rather than a checkpoint that has no data."""
    checkpointer, unlink = saved(tmp_path, 1), os.unlink

    def killed(path, *arguments, **options):
        if ".data-" in str(path):
            raise KeyboardInterrupt
        unlink(path, *arguments, **options)

    checkpointer.save(2, provisional=True)
    monkeypatch.setattr(os, "unlink", killed)
    with pytest.raises(KeyboardInterrupt):
        checkpointer.drop_provisional()
    monkeypatch.undo()
    assert [path.name for path in (tmp_path / "provisional").glob("ckpt*")] == ["ckpt-2.data-00000-of-00001"]
    assert Checkpointer(tmp_path, one_variable(), CONFIG).restore() == (1, {"strikes": 1})
    assert not list((tmp_path / "provisional").glob("ckpt*"))
