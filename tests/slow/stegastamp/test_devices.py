"""One training on one device, on two, and in two processes: the same losses."""

import json
import socket

import pytest

from longrun import read_metrics
from longrun.config import changed
from stegastamp.__main__ import main


def untimed(run_folder):
    return [
        {name: value for name, value in line.items() if name != "steps_per_second"} for line in read_metrics(run_folder / "metrics.jsonl")
    ]


def sharded(small):
    """What could go wrong on many devices: clipping, averages, a critic, ramps."""
    return changed(
        small, head="additive", regime="paper", critic=True, image_weight=1.0, clip_norm=0.05, average_decay=0.9,
        steps=6, log_every=1, save_every=6, evaluate_every=6,
    )  # fmt: skip


@pytest.fixture(scope="module")
def on_one_device(small, flags, tmp_path_factory):
    folder = tmp_path_factory.mktemp("one") / "run"
    assert main(["train", "tiny", "--run", str(folder), *flags(sharded(small))]) == 0
    return untimed(folder)


def assert_same_losses(lines, expected):
    assert [line["step"] for line in lines] == [1, 2, 3, 4, 5, 6]
    for line, reference in zip(lines, expected, strict=True):
        assert line == pytest.approx(reference, rel=1e-5, abs=1e-5)
    assert expected[0]["gradient_norm"] > 0.05
    assert expected[-1]["loss"] != pytest.approx(expected[0]["loss"], rel=1e-3)


def test_two_devices_give_the_losses_of_one(on_one_device, small, flags, start, tmp_path):
    words = ["-m", "stegastamp", "train", "tiny", "--devices", "mirrored", "--logical-cpus", "2"]
    process = start(*words, "--run", tmp_path / "run", *flags(sharded(small)))
    _, errors = process.communicate()
    assert process.returncode == 0, errors
    assert_same_losses(untimed(tmp_path / "run"), on_one_device)


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def test_two_workers_give_the_losses_of_one(on_one_device, small, flags, start, tmp_path):
    cluster = {"worker": [f"127.0.0.1:{port}" for port in free_ports(2)]}
    words = ["-m", "stegastamp", "train", "tiny", "--devices", "multi_worker", "--run", tmp_path / "run", *flags(sharded(small))]
    workers = [
        start(*words, environment={"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": "worker", "index": index}})})
        for index in range(2)
    ]
    try:
        for worker in workers:
            _, errors = worker.communicate()
            assert worker.returncode == 0, errors
    finally:
        for worker in workers:  # One that waits for a partner that has failed.
            worker.kill()
    assert_same_losses(untimed(tmp_path / "run"), on_one_device)
    assert_same_losses(untimed(tmp_path / "run" / "worker-1"), on_one_device)
