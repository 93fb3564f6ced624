"""What is asked for and is not there: one line each."""

import sys

import keras
import numpy as np
import pytest

from longrun import Examined, UserError
from longrun.__main__ import main
from longrun.examination.command import made_by
from longrun.examination.doctor import examine

FACTORIES = """
import keras
import numpy as np
from longrun import Examined
ROWS = np.zeros((4, 2), np.float32), np.zeros((4, 1), np.float32)
def trained(layer, held_out):
    model = keras.Sequential([keras.Input((2,)), layer])
    model.compile("sgd", "mse")
    return Examined(model, [ROWS], held_out)
def untrainable():
    return trained(keras.layers.Flatten(), ROWS)
def no_rows():
    return trained(keras.layers.Dense(1), (ROWS[0][:0], ROWS[1][:0]))
def model_alone():
    return keras.Sequential([keras.layers.Dense(1)])
def something():
    return 7
def asking(size):
    return size
def refused():
    return Examined(keras.Sequential([keras.layers.Dense(1)]), [], [])
"""


@pytest.fixture
def factories(tmp_path, monkeypatch):
    (tmp_path / "given_factories.py").write_text(FACTORIES)
    (tmp_path / "given_broken.py").write_text("import a_package_that_is_not_there")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    sys.modules.pop("given_factories", None)


@pytest.mark.parametrize(
    ("target", "line"),
    [
        ("given_factories", "is not module:factory"),
        ("given_nothing:x", "no module 'given_nothing' is found from here"),
        ("given_factories.inner:x", "no module 'given_factories.inner'"),
        ("given_factories:nothing", "has no function 'nothing'"),
        ("given_factories:asking", "needs size; a factory is called without arguments"),
        ("given_factories:something", "returns int, not longrun.Examined"),
        ("given_factories:refused", "is not compiled, and no train_step is given"),
    ],
)
def test_a_factory_that_is_none_is_one_line(factories, target, line):
    with pytest.raises(UserError, match=line):
        made_by(target)


@pytest.mark.parametrize(
    ("factory", "said"),
    [
        ("model_alone", "given_factories:model_alone returns Sequential, not longrun.Examined"),
        ("untrainable", " has no trainable variables"),
        ("no_rows", "the held-out set is empty"),
    ],
)
def test_the_command_ends_with_one_line_and_exit_code_2(factories, capsys, factory, said):
    assert main(["doctor", f"given_factories:{factory}"]) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("longrun doctor: ") and printed.err.endswith(f"{said}\n") and printed.err.count("\n") == 1
    assert printed.out == ""


def test_what_the_module_itself_lacks_keeps_its_traceback(factories):
    with pytest.raises(ModuleNotFoundError, match="a_package_that_is_not_there"):
        made_by("given_broken:x")


def compiled(*layers):
    model = keras.Sequential([keras.Input((2,)), *layers])
    model.compile("sgd", "mse")
    return model


ROWS = np.zeros((4, 2), np.float32), np.zeros((4, 1), np.float32)


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ({"model": 7}, "not int"),
        ({"kind": "guess"}, "kind is one of"),
        ({"loss_is": "guess"}, "loss_is is one of"),
        ({"save": print}, "together"),
        ({"batch": 7}, "a function of the step or an iterable"),
    ],
)
def test_what_cannot_be_examined_is_one_line(told, line):
    with pytest.raises(UserError, match=line):
        Examined(**{"model": compiled(keras.layers.Dense(1)), "batch": [ROWS], "held_out": ROWS, **told})


@pytest.mark.parametrize(
    ("model", "held_out", "line"),
    [
        (lambda: compiled(keras.layers.Flatten()), ROWS, "has no trainable variables"),
        (lambda: compiled(keras.layers.Dense(1)), (ROWS[0][:0], ROWS[1][:0]), "the held-out set is empty"),
        (lambda: compiled(keras.layers.Dense(1)), [], "the held-out set is empty"),
    ],
)
def test_no_variables_and_no_rows_are_one_line(model, held_out, line):
    with pytest.raises(UserError, match=line):
        examine(Examined(model(), [ROWS], held_out))


def test_an_unknown_check_is_answered_with_the_nearest():
    with pytest.raises(UserError, match="did you mean resume"):
        examine(Examined(compiled(keras.layers.Dense(1)), [ROWS], ROWS), only=("resum",))
