"""Configurations in parts: flat names, stored forms of now and of before, and what is refused by name."""

import json
from dataclasses import FrozenInstanceError, dataclass
from typing import ClassVar, Literal

import pytest

from longrun import RunSettings, Settings, UserError, changed, config_of, flatten
from longrun.config import free_fields, known_fields
from longrun.kinds import with_tuples


@dataclass(frozen=True)
class ModelSettings(Settings):
    width: int = 8
    """Channels of
    every layer."""
    head: Literal["plain", "gated"] = "plain"
    drop: float = 0.5
    level: Literal[1, 2] = 1

    FREE: ClassVar[tuple[str, ...]] = ("drop",)

    def __post_init__(self):
        super().__post_init__()
        if self.width < 1:
            raise UserError(f"width must be at least 1, not {self.width}")


@dataclass(frozen=True)
class LongRunSettings(RunSettings):
    """Steps are free here, and there is a field more."""

    evaluate_on: str = ""
    """A folder."""

    FREE: ClassVar[tuple[str, ...]] = (*RunSettings.FREE, "steps")


@dataclass(frozen=True)
class Config(Settings):
    PROJECT: ClassVar[str] = "toy"
    RENAMED: ClassVar[dict[str, str]] = {"channels": "width", "epochs": "steps"}
    FREE: ClassVar[tuple[str, ...]] = ("note",)

    model: ModelSettings = ModelSettings()
    run: RunSettings = LongRunSettings(steps=20, save_every=100, evaluate_every=100)
    note: str = ""
    """Says something."""
    sizes: tuple[int, ...] = (1, 2)
    pairs: tuple[tuple[int, str], ...] = ((1, "a"),)
    limit: int | None = None
    halt: bool | None = None
    pick: Literal["x", "y"] | None = None

    def __post_init__(self):
        super().__post_init__()
        if self.limit is not None and self.limit > self.model.width:
            raise UserError("limit is at most the width")


def stored(config):
    """As it comes back from a file."""
    return json.loads(json.dumps(flatten(config)))


# Flat names.


def test_a_configuration_is_stored_flat_and_comes_back():
    config = changed(Config(), width=4, head="gated", steps=7, sizes=(5,), pairs=((2, "b"), (3, "c")), limit=3, halt=False, evaluate_on="x")
    assert (config.model.width, config.run.steps, config.run.evaluate_on) == (4, 7, "x")
    flat = flatten(config)
    assert not {"model", "run"} & set(flat)
    assert flat.items() >= {"width": 4, "head": "gated", "steps": 7, "sizes": (5,), "halt": False, "seed": 0, "evaluate_on": "x"}.items()
    assert config_of(Config, flat) == config_of(Config, stored(config)) == config


def test_nothing_can_be_assigned():
    with pytest.raises(FrozenInstanceError):
        Config().note = "new"


def test_every_field_is_known_with_its_part_its_default_and_its_sentence():
    known = known_fields(Config)
    assert list(known) == list(flatten(Config()))
    assert (known["width"].part, known["width"].kind, known["width"].default) == ("model", int, 8)
    assert known["width"].help == "Channels of every layer."
    assert (known["note"].part, known["note"].help, known["head"].help) == ("", "Says something.", "")
    # Of the default's class: its own fields, and what it inherits, with the defaults that this configuration gives.
    assert (known["steps"].default, known["steps"].help) == (20, "Training steps.")
    assert (known["evaluate_on"].part, known["evaluate_on"].help) == ("run", "A folder.")
    assert all(known[name].help for name in flatten(RunSettings()))


def test_what_is_free_is_so_in_every_part():
    assert free_fields(Config) >= {"note", "drop", "steps", "save_every", "lock"}
    assert not free_fields(Config) & {"width", "seed", "sizes", "precision"}


def test_two_parts_may_not_have_a_field_of_one_name():
    @dataclass(frozen=True)
    class Other(Settings):
        width: int = 1

    @dataclass(frozen=True)
    class Twice(Settings):
        model: ModelSettings = ModelSettings()
        other: Other = Other()

    with pytest.raises(TypeError, match="^Twice has two fields width$"):
        known_fields(Twice)


def test_a_class_without_a_source_has_no_sentences_and_works_all_the_same():
    names: dict = {}
    code = "@dataclass(frozen=True)\nclass Made(Settings):\n    depth: int = 3\n    'How deep.'\n"
    exec(code, {"dataclass": dataclass, "Settings": Settings, "__name__": "nowhere"}, names)
    assert known_fields(names["Made"])["depth"].help == ""
    assert config_of(names["Made"], {"depth": 4}).depth == 4


def test_a_change_of_no_field_is_a_bug():
    with pytest.raises(TypeError, match="^Config has no field q, widht$"):
        changed(Config(), widht=2, q=3)


def test_a_part_without_a_default_is_made_from_the_stored_values():
    @dataclass(frozen=True)
    class Bare(Settings):
        model: ModelSettings

    assert config_of(Bare, {"width": 3}).model == ModelSettings(width=3)
    assert known_fields(Bare)["width"].default == 8


# Stored forms.


def test_a_field_that_a_stored_form_lacks_has_its_default():
    values = stored(changed(Config(), width=4, steps=7))
    for name in ("drop", "note", "evaluate_on", "save_every"):
        del values[name]
    assert config_of(Config, values) == changed(Config(), width=4, steps=7)
    assert config_of(Config, {}) == Config()


def test_a_renamed_field_is_read_under_its_old_name():
    assert config_of(Config, {"channels": 4, "epochs": 9}) == changed(Config(), width=4, steps=9)


def test_unknown_fields_are_named_with_the_nearest():
    with pytest.raises(UserError, match=r"^the configuration has unknown fields: q, widht \(did you mean width\?\)$"):
        config_of(Config, {"widht": 2, "q": 3})


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("width", "8", "int"),
        ("width", 8.0, "int"),
        ("width", True, "int"),
        ("width", None, "int"),
        ("width", [8], "int"),
        ("drop", "0.5", "float"),
        ("drop", False, "float"),
        ("note", 3, "str"),
        ("lock", 1, "bool"),
        ("head", "bald", "Literal['plain', 'gated']"),
        ("head", ["plain"], "Literal['plain', 'gated']"),
        ("level", True, "Literal[1, 2]"),
        ("level", 1.0, "Literal[1, 2]"),
        ("sizes", 3, "tuple[int, ...]"),
        ("sizes", [1, "2"], "tuple[int, ...]"),
        ("sizes", [True], "tuple[int, ...]"),
        ("sizes", {"a": 1}, "tuple[int, ...]"),
        ("pairs", [[1, 2]], "tuple[tuple[int, str], ...]"),
        ("pairs", [[1]], "tuple[tuple[int, str], ...]"),
        ("limit", "none", "int | None"),
        ("halt", 0, "bool | None"),
        ("pick", "z", "Optional[Literal['x', 'y']]"),
    ],
)
def test_a_value_of_another_type_is_named(name, value, kind):
    with pytest.raises(UserError) as caught:
        config_of(Config, {name: value})
    assert str(caught.value) == f"{name} of the configuration is {with_tuples(value)!r}, not {kind}"


@pytest.mark.parametrize(
    ("stored", "line"),
    [
        ({"width": 10**30}, "a.json: width of the configuration is 1000000000000000000000000000000, not finite and below 2^63"),
        ({"drop": float("nan")}, "a.json: drop of the configuration is nan, not finite and below 2^63"),
        ({"sizes": [1, 2**63]}, "a.json: sizes of the configuration is (1, 9223372036854775808), not finite and below 2^63"),
        ({"note": ["x" * 5000]}, f"a.json: note of the configuration is ('{'x' * 58}..., not str"),
        ({"width": 0}, "a.json: width must be at least 1, not 0"),
        ({"x" * 500: 1}, f"a.json: the configuration has unknown fields: {'x' * 40}"),
        ({name: 1 for name in "qrstuv"}, "a.json: the configuration has unknown fields: q, r, s and others"),
    ],
)
def test_the_file_is_named_and_no_line_is_long(stored, line):
    with pytest.raises(UserError) as caught:
        config_of(Config, stored, "a.json")
    assert str(caught.value) == line


@pytest.mark.parametrize(("name", "value"), [("drop", 1), ("limit", None), ("limit", 3), ("halt", True), ("pick", None), ("sizes", [])])
def test_a_value_of_its_type_is_read(name, value):
    assert flatten(config_of(Config, {name: value}))[name] == (tuple(value) if isinstance(value, list) else value)


# Checks.


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"head": "bald"}, "head is one of plain, gated, not 'bald'"),
        ({"level": True}, "level is one of 1, 2, not True"),
        ({"pick": "z"}, "pick is one of x, y, None, not 'z'"),
        ({"width": 0}, "width must be at least 1, not 0"),
        ({"limit": 9}, "limit is at most the width"),
        ({"mode": "fast"}, "mode is one of graph, eager, not 'fast'"),
        ({"steps": 0}, "steps must be at least 1, not 0"),
        ({"log_every": 0}, "log_every must be at least 1, not 0"),
        ({"keep_every": -1}, "keep_every must not be negative, it is -1"),
        ({"save_every": 70}, "save_every (70) must be a multiple of log_every (50)"),
        ({"evaluate_every": -1}, "evaluate_every must not be negative, it is -1"),
        ({"evaluate_every": 30}, "evaluate_every (30) must be a multiple of log_every (50)"),
        ({"keep_every": 150}, "keep_every (150) must be a multiple of save_every (100)"),
    ],
)
def test_what_is_wrong_is_one_line(fields, line):
    with pytest.raises(UserError) as caught:
        changed(Config(), **fields)
    assert str(caught.value) == line


@pytest.mark.parametrize("values", [{"width": 0}, {"limit": 9}, {"keep_every": 150}])
def test_a_stored_form_is_checked_too(values):
    with pytest.raises(UserError, match="must|at most"):
        config_of(Config, values)


def test_a_union_of_other_types_is_not_checked_as_a_choice():
    assert changed(Config(), limit=None).limit is None
    assert changed(Config(), pick=None).pick is None
