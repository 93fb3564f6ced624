from typing import get_args

import pytest

from arc import __main__ as commands
from arc.config import Config
from arc.network.positions import SCHEMES
from arc.presets import PRESETS
from arc.skills import VALIDATION
from longrun.config import known_fields
from tests.fixtures.arc import made


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"model": "transformer"}, "model is one of encoder_decoder, decoder_only, champion, not 'transformer'"),
        ({"side": 9}, "side is 9, it must be in 10..30"),
        ({"width": 100}, "width 100 / heads 4 must be a multiple of 16"),
        ({"positions": "rope4d"}, "positions is one of none, rope1d"),
        ({"context_pairs": 5}, "at most 4 demonstrations"),
        ({"save_every": 75}, r"save_every \(75\) must be a multiple of log_every \(50\)"),
        ({"held_out": "1190e5a8"}, "no skill '1190e5a8'; the nearest: 1190e5a7"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"dropout": 1.5}, "dropout is 1.5"),
        ({"hidden_answers": 1.5}, "hidden_answers is 1.5"),
        ({"model": "decoder_only", "neighbours": True}, "neighbours are the encoder's"),
        ({"encoder_layers": 0, "neighbours": True}, "neighbours are the encoder's"),
        ({"shards": 3}, "a batch of 32 is not to be had in 3 equal shards"),
    ],
)
def test_nonsense_is_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        made(**fields)


def test_every_scheme_of_positions_can_be_chosen():
    assert get_args(known_fields(Config)["positions"].kind) == tuple(SCHEMES)


def test_held_out_skills_are_not_trained():
    config = PRESETS["held-out"]()
    assert config.data.held_out_skills == VALIDATION and len(config.data.trained_skills) == 14


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "quik"], "unknown preset 'quik' (did you mean quick?)"),
        (["train", "quick", "--batchsize", "3"], "unknown flag --batchsize (did you mean --batch-size?)"),
        (["evaluate", "nowhere"], "checkpoint nowhere does not exist"),
        (["skills", "--show", "abc"], "no skill 'abc'"),
    ],
)
def test_bad_commands_end_with_one_line(arguments, message, capsys):
    assert commands.main(arguments) == 2
    error = capsys.readouterr().err
    assert message in error and len(error.splitlines()) == 1


def test_skills_are_shown_and_checked(capsys):
    assert commands.main(["skills", "--show", "9172f3a0", "--count", "1"]) == 0
    assert "enlarge" in capsys.readouterr().out
    assert commands.main(["skills", "--check"]) == 0
    assert "real pairs: 74 of 74 solved" in capsys.readouterr().out
