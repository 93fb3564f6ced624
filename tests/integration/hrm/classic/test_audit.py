"""The network of the original run before its first step."""

from hrm import __main__ as commands
from hrm.classic.answers import answer, old_check, spread
from hrm.classic.config import ClassicConfig
from hrm.classic.data import Pairs
from hrm.classic.model import build_model
from longrun.config import changed
from longrun.step import device


def test_at_initialisation_every_grid_has_one_answer_and_the_old_check_passes():
    config = changed(ClassicConfig(), side=10, cycles=4)
    device.configure(seed=0)
    grids, model = Pairs(config).held_out(4), build_model(config)
    differing, variation = spread(answer(config, model, grids.tokens, grids.identifier)[0])
    assert old_check(config, model)[0] and differing == 0.0 and variation < 0.01
    assert (grids.labels[1:] != grids.labels[:1]).mean() > 0.3


def test_the_command_prints_it(capsys):
    flags = [
        "--tasks",
        "mini-arc",
        "--side",
        "6",
        "--width",
        "16",
        "--heads",
        "2",
        "--high-layers",
        "1",
        "--low-layers",
        "1",
        "--cycles",
        "4",
    ]
    assert commands.main(["classic", *flags, "--cycles", "4"]) == 0
    printed = capsys.readouterr().out
    assert "| the original run's check on five probes | PASS |" in printed and "| total variation between them |" in printed
