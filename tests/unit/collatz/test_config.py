import pytest

from collatz import __main__ as commands
from collatz.config import IGNORED, Config
from collatz.presets import PRESETS
from longrun import RunSettings, UserError, changed, config_of, flatten
from longrun.cli.training import Training
from longrun.config import free_fields

# The flags of the original program with their defaults; --epochs and --eval-interval are names of steps and evaluate_every.
DEFAULTS = {
    "layers": "128,128,128", "lookahead": 10, "use_t1": True, "use_t4": False, "use_t8": False, "target_type": "fixed",
    "split_loss": False, "batch_size": 1024, "max_bits": 128, "lr": 1e-3, "margin": 0.05, "steps": 20_001, "hard_ratio": 0.25,
    "num_hard_seeds": -1, "curriculum": False, "start_seeds": 30, "ramp_len": 25_000, "mine_negatives": False,
    "mine_interval": 5000, "mine_count": 50, "test_seeds": "111,27,703,26623,626331", "eval_csv": "", "evaluate_every": 5000,
    "quick_eval_interval": 1000, "decay_start": 1000, "decay_len": 5000, "min_anchor": 0.0, "load_checkpoint": "",
    "analyze_seeds": False,
}  # fmt: skip


def parsed(*words: str) -> tuple[str, Config]:
    """Preset and configuration of a command line."""
    return Training("collatz.presets").read(words, "test")[:2]


def test_flags_of_the_original_keep_their_defaults():
    assert {name: flatten(Config())[name] for name in DEFAULTS} == DEFAULTS
    assert parsed("original") == ("original", changed(Config(), on_unhealthy="warn"))


@pytest.mark.parametrize("recipe", IGNORED)
def test_what_a_recipe_ignores_is_refused_by_name(recipe):
    """Every field that is not the recipe's own, at a value that would be fine elsewhere."""
    other = {
        "use_t4": True, "use_t8": True, "target_type": "adaptive", "split_loss": True, "max_bits": 64, "margin": 0.1, "num_hard_seeds": 3,
        "decay_start": 5, "decay_len": 5, "min_anchor": 0.1, "fix_lr": True, "levels": 8, "climb_index": 5, "prior_strength": 1.0,
        "arc": 0.1, "hard_weight": 2.0, "precision": "bfloat16",
    }  # fmt: skip
    for name, value in other.items():
        changes = {"recipe": recipe, "lookahead": 20, name: value}
        if name in IGNORED[recipe]:
            with pytest.raises(UserError, match=f"^{name} = {value} would change nothing"):
                changed(Config(), **changes)
        else:
            changed(Config(), **changes)


def test_growth_steps_weigh_what_the_flag_says():
    original, one = (changed(PRESETS["run6"](), growth_weight=weight).batches for weight in (10.0, 1.0))
    assert PRESETS["run6"]().batches == original and (original.random_weights, original.hard_weights) == ((1, 10), (2, 20))
    assert (one.random_weights, one.hard_weights) == ((1, 1), (2, 2))
    assert PRESETS["quick"]().batches.random_weights == (1, 1)


def test_presets_are_the_commands_of_the_original_runs():
    big = "2048,1024,1024,512,512,512,256,128,64"
    common = {"steps": 100_000, "layers": big, "curriculum": True, "start_seeds": 0, "recipe": "original", "target_type": "fixed"}
    own = {
        "run1": {"ramp_len": 100_000, "mine_negatives": False, "lookahead": 10},
        "run2": {"ramp_len": 100_000, "mine_negatives": True, "mine_interval": 10_000},
        "run3": {"ramp_len": 50_000, "mine_negatives": True, "mine_interval": 10_000, "use_t4": False},
        "run4": {"ramp_len": 50_000, "mine_negatives": True, "mine_interval": 10_000, "use_t4": True},
        "run5": {"ramp_len": 50_000, "mine_negatives": False, "lookahead": 10},
        "run6": {"ramp_len": 50_000, "mine_negatives": False, "lookahead": 20},
    }
    for name, values in own.items():
        config = flatten(PRESETS[name]())
        assert {key: config[key] for key in common | values} == common | values, name
        assert not config["fix_lr"] and not config["clean_split"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layers": "128,x"}, "layers must be positive integers"),
        ({"layers": "0"}, "layers must be positive integers"),
        ({"layers": ""}, "layers must be positive integers"),
        ({"layers": "128,99999999999999999999"}, "layers may be 65,536 units wide, not 99999999999999999999"),
        ({"lookahead": 65}, "lookahead is 65"),
        ({"lookahead": 0}, "lookahead is 0"),
        ({"layers": "9" * 5000}, "layers must be positive integers"),
        ({"test_seeds": "27,28"}, "odd numbers from 3 on, not 28"),
        ({"test_seeds": str(2**127 - 1)}, r"whose trajectory cannot be scored: n = \d+ is not below 2\^128"),
        ({"test_seeds": str(2**50 + 1), "clean_split": True}, r"not below 2\^48"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"use_t1": False}, "use_t1"),
        ({"hard_ratio": 1.5}, "hard_ratio"),
        ({"levels": 5}, "levels"),
        ({"recipe": "levels", "climb_index": 11}, "climb_index"),
        ({"arc": 0.0}, "arc"),
        ({"recipe": "clock", "use_t4": True}, "use_t4 = True would change nothing: the recipe clock does not use it"),
        ({"recipe": "clock", "levels": 8}, "levels = 8 would change nothing"),
        ({"recipe": "levels", "lookahead": 20, "arc": 0.1}, "arc = 0.1 would change nothing"),
        ({"hard_weight": 2.0}, "hard_weight = 2.0 would change nothing: the recipe original does not use it"),
        (
            {"recipe": "clock", "clean_split": True, "mine_negatives": True},
            "mine_negatives = True would change nothing: a training without",
        ),
        ({"save_every": 150}, "multiple of log_every"),
        ({"save_model": "collatz_model.pth"}, ".keras file"),
        ({"max_bits": 5}, "max_bits"),
        ({"recipe": "mine"}, "recipe is one of"),
        ({"lr": -1.0}, "lr is -1.0"),
        ({"margin": float("nan")}, "margin is nan"),
    ],
)
def test_bad_values_are_named(changes, message):
    with pytest.raises(UserError, match=message):
        changed(Config(), **changes)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "--lookahed", "20"], "did you mean --lookahead"),
        (["train", "quik"], "did you mean quick"),
        (["train", "--layers", "a,b"], "layers must be positive integers"),
        (["train", "--lookahead", "99"], "lookahead is 99"),
        (["train", "--eval-csv", "/nowhere.csv"], "/nowhere.csv does not exist"),
        (["evaluate", "/nowhere"], "/nowhere does not exist"),
        (["floors", "--lookahead", "0"], "lookahead is 0"),
        (["verify", "/nowhere", "--up-to", "1000"], "/nowhere does not exist"),
        (["make-eval", "--max-bits", "300"], "max_bits is 300"),
        (["analyse"], "did you mean analyze"),
        (["train", "--test-seeds", str(2**128 + 1)], "is not below 2^128"),
        (["train", "--lr=-1"], "lr is -1.0"),
        (["bench", "quik"], "did you mean quick"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_two(arguments, message, capsys, tmp_path):
    if arguments[0] == "train":
        arguments = [*arguments, "--run", f"{tmp_path}/run"]
    assert commands.main(arguments) == 2
    errors = capsys.readouterr().err
    assert message in errors and errors.count("\n") == 1


def test_the_seed_table(capsys):
    assert commands.main(["train", "--analyze-seeds"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + 54
    assert lines[1].split() == ["27", "42", "3,077", "114.0", "57.1%", "5", "test"]


def test_a_configuration_of_yesterday_is_read():
    """By its old names, and without the fields that came later."""
    old = {"epochs": 300, "eval_interval": 200, "recipe": "clock", "layers": "16", "lookahead": 6, "analyze_seeds": False}
    assert config_of(Config, old) == changed(Config(), steps=300, evaluate_every=200, recipe="clock", layers="16", lookahead=6)


def test_flags_of_yesterday_are_read():
    words = ["original", "--epochs", "300", "--eval-interval=200", "--no-use-t4"]
    assert parsed(*words) == ("original", changed(Config(), steps=300, evaluate_every=200, on_unhealthy="warn"))


def test_what_may_differ_when_a_run_goes_on():
    own = {"steps", "eval_csv", "quick_eval_interval", "save_model", "analyze_seeds"}
    assert free_fields(Config) == own | set(RunSettings.FREE)
