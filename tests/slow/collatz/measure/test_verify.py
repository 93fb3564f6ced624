"""Verifications by several processes, and by a cluster."""

import distributed
import pytest

from collatz import __main__ as commands
from tests.places import ROOT

CHECKPOINT = str(ROOT / "checkpoints" / "released" / "collatz" / "quick")
FILES = ("violations.csv", "verification.json", "summary.json")


def verified(folder, *flags):
    assert commands.main(["verify", CHECKPOINT, "--up-to", "1000000", "--folder", str(folder), *flags]) == 0
    return {name: (folder / name).read_bytes() for name in FILES}


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    return verified(tmp_path_factory.mktemp("alone"))


def test_two_processes_give_what_one_gives(alone, tmp_path):
    assert verified(tmp_path, "--workers", "2") == alone


def test_a_cluster_gives_what_one_process_gives(alone, tmp_path):
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, protocol="tcp") as cluster:
        assert verified(tmp_path, "--cluster", cluster.scheduler_address) == alone
