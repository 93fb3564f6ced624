import numpy as np
import pytest

from arc.grids.tasks import COLOURS
from arc.solving.cells import CELL_KINDS, MEMBERS, NO_COLOUR, PAIR_KINDS, Cells, Known, build_model
from arc.solving.relations import FACT_NAMES, PLACE_NAMES, PRESENCE_NAMES

FAMILIES = np.arange(MEMBERS) // 4
MAPS = len(PAIR_KINDS) - len(PRESENCE_NAMES) - COLOURS


@pytest.fixture(scope="module")
def cells():
    return Cells()


def known(count: int = 24, palette=(0, 1, 2, NO_COLOUR), seed: int = 0) -> Known:
    """Cells about which something is known at random, in the colours of a palette."""
    generator = np.random.default_rng(seed)
    colours = generator.choice([colour for colour in palette if colour != NO_COLOUR], (count, MAPS)).astype(np.int8)
    facts = generator.random((count, len(FACT_NAMES) + len(PLACE_NAMES))).astype(np.float32)
    presence = generator.random((count, len(palette), len(PRESENCE_NAMES))).astype(np.float32)
    return Known(colours, facts, presence, np.tile(np.array(palette, np.int32), (count, 1)))


def batch(of: Known, target: np.ndarray, weight=None) -> dict:
    weight = np.ones((len(target), MEMBERS), np.float32) if weight is None else weight
    return {**of._asdict(), "target": target.astype(np.int32), "weight": weight}


def weights(cells) -> list[np.ndarray]:
    return [np.array(variable) for variable in cells.model.trainable_variables]


def test_the_network_is_small():
    features = len(PAIR_KINDS) + len(CELL_KINDS)
    assert (len(PAIR_KINDS), len(CELL_KINDS)) == (90, 101)
    assert build_model().count_params() == MEMBERS * (32 * (features + 1) + 2 * 32 * 32 + 32 + 32 + len(PAIR_KINDS)) == 66_768


def test_a_reset_depends_on_its_generator_alone_and_siblings_start_alike(cells):
    cells.reset(np.random.default_rng(3), FAMILIES)
    before = weights(cells)
    rows = known()
    cells.step(batch(rows, rows.colours[:, 5]), {"learning_rate": 0.01})
    assert any(not np.array_equal(a, b) for a, b in zip(before, weights(cells), strict=True))
    cells.reset(np.random.default_rng(3), FAMILIES)
    assert all(np.array_equal(a, b) for a, b in zip(before, weights(cells), strict=True))
    kernel = np.array(cells.model.get_layer("pair_units").kernel)
    assert np.array_equal(kernel[0], kernel[3]) and not np.array_equal(kernel[0], kernel[4])


def test_what_a_member_does_not_read_stays_unread(cells):
    cells.reset(np.random.default_rng(0), FAMILIES)
    unread = np.array(cells.model.get_layer("cell_units").kernel) == 0
    assert 0.3 < unread.mean() < 0.7
    rows = known()
    for _ in range(3):
        cells.step(batch(rows, rows.colours[:, 5]), {"learning_rate": 0.01})
    assert np.array_equal(np.array(cells.model.get_layer("cell_units").kernel) == 0, unread)


def test_a_member_learns_nothing_from_cells_kept_from_it(cells):
    cells.reset(np.random.default_rng(0), np.zeros(MEMBERS, int))
    rows = known()
    weight = np.ones((24, MEMBERS), np.float32)
    weight[12:, 0] = 0
    target, other = rows.colours[:, 5].copy(), rows.colours[:, 5].copy()
    other[12:] = (other[12:] + 1) % 3
    after = []
    for answer in (target, other):
        cells.reset(np.random.default_rng(0), np.zeros(MEMBERS, int))
        cells.step(batch(rows, answer, weight), {"learning_rate": 0.01})
        after.append(np.array(cells.model.get_layer("head").kernel))
    assert np.array_equal(after[0][0], after[1][0]) and not np.array_equal(after[0][1], after[1][1])


def test_renamed_colours_rename_the_answer_where_numbers_are_not_read(cells):
    cells.reset(np.random.default_rng(1), FAMILIES)
    rows = known()
    for _ in range(3):
        cells.step(batch(rows, rows.colours[:, 5]), {"learning_rate": 0.01})
    for layer, kinds in (("pair_units", PAIR_KINDS), ("cell_units", CELL_KINDS), ("direct", PAIR_KINDS)):
        kernel = cells.model.get_layer(layer).kernel
        read = np.array([kind != "number" for kind in kinds], np.float32)
        kernel.assign(np.array(kernel) * read.reshape(1, -1, *[1] * (kernel.ndim - 2)))
    names = np.array([7, 4, 9, 3, 0, 1, 2, 5, 6, 8, 10, NO_COLOUR])
    renamed = rows._replace(colours=names[rows.colours].astype(np.int8), palette=names[rows.palette].astype(np.int32))
    (colours, sure), (others, also) = cells.answers(rows), cells.answers(renamed)
    assert np.array_equal(names[colours], others) and also == pytest.approx(sure, abs=1e-6)
    assert len(np.unique(colours)) == 3  # And never what fills the palette up.


def test_eager_equals_graph_and_the_rate_is_read_anew(cells):
    rows = known()
    found = {}
    for mode, one in (("eager", Cells(mode="eager")), ("graph", cells)):
        one.reset(np.random.default_rng(0), FAMILIES)
        losses = [float(one.step(batch(rows, rows.colours[:, 5]), {"learning_rate": rate})["loss"]) for rate in (0.01, 0.0, 0.01)]
        found[mode] = [*losses, float(sum(np.abs(value).sum() for value in weights(one)))]
    assert found["eager"] == pytest.approx(found["graph"], rel=1e-4)
    assert found["graph"][1] == pytest.approx(found["graph"][2], rel=1e-6) and found["graph"][0] > found["graph"][1]


def test_a_rule_is_learnt(cells):
    cells.reset(np.random.default_rng(0), FAMILIES)
    rows, unseen = known(256), known(seed=1)
    for _ in range(60):
        cells.step(batch(rows, rows.colours[:, -1]), {"learning_rate": 0.01})
    colours, sure = cells.answers(unseen)
    assert (colours == unseen.colours[:, -1:]).mean() > 0.95 and sure.mean() > 0.5
