"""Damaged files of every kind are read or refused; and whoever watches over that notices what he is there for."""

import json
import random
import subprocess
import sys

from tests.places import ROOT
from tests.slow.fuzz import campaign
from tests.slow.fuzz.kinds import KINDS
from tests.slow.fuzz.mutation import mutated
from tests.slow.fuzz.worker import chosen, lay_out

READERS = """
import json, os, subprocess, sys, tempfile, warnings
from pathlib import Path
from longrun.errors import UserError
from tests.slow.fuzz.watch import Watch

folder = Path(sys.argv[1])
name = folder / "case.json"
tempfile.tempdir = str(folder.parent / "temporary")

def refused(text):
    raise UserError(text)

def replaced():
    (folder / "other").write_text("{}")
    os.replace(folder / "other", name)

readers = {
    "well": lambda: name.read_text(),
    "refused well": lambda: refused(f"{name} is damaged"),
    "not there": lambda: (folder / "none.json").read_text(),
    "at a loss": lambda: 1 / 0,
    "runs": lambda: subprocess.run(["true"]),
    "starts": lambda: os.waitpid(os.posix_spawn("/bin/true", ["true"], os.environ), 0),
    "unpickles": lambda: __import__("pickle").loads(b"cos\\nsystem\\n."),
    "writes": lambda: (folder / "new").write_text("x"),
    "damages": replaced,
    "speaks": lambda: print("a word"),
    "warns": lambda: warnings.warn("of something"),
    "names nothing": lambda: refused("the file is damaged"),
    "is long": lambda: refused(f"{name} " + "x" * 300),
    "has lines": lambda: refused(f"{name}\\nis damaged"),
}
out = os.dup(1)
watch = Watch(folder.parent / "spoken.txt")
found = {kind: watch.findings(folder, read) for kind, read in readers.items()}
os.write(out, json.dumps(found).encode())
"""
HANGS = """
import json, sys, time
from pathlib import Path
from tests.slow.fuzz import worker
from tests.slow.fuzz.kinds import KINDS, Kind

def make(folder):
    (folder / "one").mkdir()
    (folder / "one" / "case.txt").write_text("text")

def read(folder, chance):
    number = json.loads((Path(sys.argv[1]) / "cases.jsonl").read_text().splitlines()[-1])["began"]
    while number == 0:
        pass
    if number == 1:
        time.sleep(100)

KINDS.clear()
KINDS["hangs"] = Kind(1, make, lambda: None, read)
worker.SECONDS, worker.WAIT = 1, 3
worker.main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
"""


def test_two_hundred_damaged_files_of_every_kind(tmp_path):
    """`python -m tests.slow.fuzz` reads a hundred times as many."""
    found = campaign.run(tmp_path, seed=1, count=200)
    assert found.found == {}
    assert sum(found.cases.values()) == 200 and set(found.cases) == set(KINDS)
    # What has been read is not read again, and the same cases are the same again.
    before = (tmp_path / "cases.jsonl").read_bytes()
    assert campaign.run(tmp_path, seed=1, count=200) == found
    assert (tmp_path / "cases.jsonl").read_bytes() == before


def test_a_case_is_a_function_of_seed_and_number(tmp_path):
    (tmp_path / "samples" / "one").mkdir(parents=True)
    (tmp_path / "samples" / "one" / "a.json").write_text(json.dumps({"a": [1, 2, {"b": "c"}]}))
    (tmp_path / "samples" / "one" / "b.bin").write_bytes(bytes(range(256)))
    made = []
    for place in ("first", "second"):
        for index in range(40):
            kind, chance = chosen(3, index)
            case = lay_out(KINDS[kind], tmp_path / "samples", tmp_path / place, chance)
            made.append((place, kind, {path.name: path.read_bytes() for path in sorted(case.iterdir())}, chance.random()))
    assert [one[1:] for one in made[:40]] == [one[1:] for one in made[40:]]
    assert len({str(one[2]) for one in made}) > 35 and len({one[1] for one in made}) > 4


def test_what_a_reader_must_not_do_is_found(tmp_path):
    case = tmp_path / "case"
    case.mkdir()
    (case / "case.json").write_text("[]")
    done = subprocess.run([sys.executable, "-c", READERS, str(case)], cwd=ROOT, capture_output=True, text=True)
    found = json.loads(done.stdout)
    wanted = {
        "well": [],
        "refused well": [],
        "not there": [],
        "at a loss": ["traceback: ZeroDivisionError"],
        "runs": ["ran a program: subprocess.Popen"],
        "starts": ["ran a program: os.posix_spawn"],
        "unpickles": ["unpickled: pickle.find_class"],
        "writes": ["wrote: os.truncate", "damaged its input: new"],
        "damages": ["wrote: os.truncate", "wrote: os.rename", "damaged its input: case.json"],
        "speaks": ["spoke: a word"],
        "warns": ["spoke: <string>"],
        "names nothing": ["message that names no file"],
        "is long": ["message of more than 300 characters"],
        "has lines": ["message of several lines"],
    }
    assert set(found) == set(wanted)
    for name, starts in wanted.items():
        assert len(found[name]) == len(starts) and all(map(str.startswith, found[name], starts)), (name, found[name])


def test_a_reader_that_does_not_come_back_is_ended_and_named(tmp_path):
    """Computing for ever, and waiting for ever; the case after them is read all the same."""
    found = campaign.run(tmp_path, 0, 3, worker=("-c", HANGS))
    told = sorted(one for lines in found.found.values() for one in lines)
    assert [case for case, _ in told] == [0, 1] and all(what.startswith("hung or died: exit code") for _, what in told)
    assert found.cases == {"hangs": 3}


def test_every_change_is_a_change_sooner_or_later():
    """Of a JSON, a table and bytes, nearly all copies differ from what they were."""
    contents = {"a.json": b'{"a": [1, 2, {"b": null}]}', "a.csv": b"n,t1\n3,5\n7,11\n", "a.bin": bytes(range(200))}
    for name, content in contents.items():
        copies = [mutated(name, content, random.Random(number), [content]) for number in range(200)]
        assert sum(copy != content for copy in copies) > 180 and len(set(copies)) > 100
