import threading
import time
from types import SimpleNamespace

import pytest

from tests.fixtures.once import once


@pytest.fixture
def factory(tmp_path):
    """As pytest's of temporary folders, with one that is there."""
    return SimpleNamespace(getbasetemp=lambda: tmp_path)


def test_who_asks_first_makes_it_and_the_others_wait(factory):
    made, found = [], []

    def make(path):
        time.sleep(0.05)
        made.append(path)
        path.write_text("whole")

    def ask():
        found.append(once(factory, "made-by-one", make).read_text())

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1 and found == ["whole"] * 4


def test_what_was_left_behind_by_a_failure_is_made_anew(factory):
    def fail(path):
        path.mkdir()
        (path / "half").touch()
        raise RuntimeError("broke off")

    with pytest.raises(RuntimeError, match="broke off"):
        once(factory, "made-after-all", fail)

    def make(path):
        path.mkdir()
        (path / "whole").touch()

    assert [each.name for each in once(factory, "made-after-all", make).iterdir()] == ["whole"]


def test_workers_share_a_folder_and_a_run_by_itself_has_its_own(tmp_path, monkeypatch):
    own = tmp_path / "gw1"
    own.mkdir()
    factory = SimpleNamespace(getbasetemp=lambda: own)
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    assert once(factory, "where", lambda path: path.touch()) == own / "once" / "where"
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw1")
    assert once(factory, "where", lambda path: path.touch()) == tmp_path / "once" / "where"
