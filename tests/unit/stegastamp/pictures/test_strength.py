"""How strong a mark has to be, with a stamper whose bits can be seen."""

from types import SimpleNamespace

import numpy as np
import pytest

from longrun import UserError
from stegastamp.network.stamp import added, network_view
from stegastamp.pictures import strength
from stegastamp.pictures.codec import Codec, DoesNotSurvive, attack
from stegastamp.pictures.picture import Picture
from tests.fixtures.blocks import Blocks

AMPLITUDE = 10.0
"""Of the mark at the stamper's own strength, in levels."""


class Faint(Blocks):
    """Blocks whose mark is a residual that can be scaled."""

    strength = AMPLITUDE / 255
    config = SimpleNamespace(mark=SimpleNamespace(sync=0.0, head="normalised"))

    def residuals(self, covers, messages, strength=None):
        strength = self.strength if strength is None else strength
        pattern = (2 * messages[0].reshape(self.grid) - 1).repeat(8, 0).repeat(8, 1)
        return np.float32(np.repeat(strength * pattern[None, ..., None], 3, -1))

    def logits(self, images):
        """Against the light that falls on the picture, which is a plane."""
        found = super().logits(images)
        row, column = np.divmod(np.arange(self.bits), self.grid[1])
        light = np.stack([row, column, np.ones(self.bits)], 1)
        return found - (light @ np.linalg.lstsq(light, found.T, rcond=None)[0]).T


class Weak(Faint):
    """With a mark that needs half as much again for a print."""

    strength = 5 / 255


class Cloudy(Faint):
    """Of which a print leaves nothing."""

    def logits(self, images):
        return np.where(np.abs(images.mean((1, 2, 3)) - 128).max() < 3, 1, -1) * super().logits(images)


MESSAGE = np.random.default_rng(0).integers(0, 2, 100)
GREY = np.full((200, 300, 3), 128, np.uint8)


def read_or_not(reads):
    """Nothing to spare where logits are read, and little missing where they are not."""
    return lambda logits: 0.0 if reads(logits) else -0.1


def above(levels):
    """Reads logits that all have the right sign and are, on average, that large."""
    return read_or_not(lambda logits: ((logits > 0) == MESSAGE).all() and np.abs(logits).mean() >= levels)


def needed(levels, survive, stamper=None):
    """The factor, as far as it is not taken back on this even picture."""
    stamper = stamper or Faint()
    residual = stamper.residuals(GREY[None], MESSAGE[None])[0]
    found = strength.needed(stamper, strength.copy_of(GREY), residual, above(levels), survive)
    return found and found.factor


@pytest.mark.parametrize("levels", [3.2, 5.0, 9.0])
def test_the_file_needs_what_is_read_and_the_margin(levels):
    step = strength.FACTORS[1] / strength.FACTORS[0]
    least = levels / AMPLITUDE
    # The mark of an even picture is a whole level strong, whatever is asked.
    assert least - 0.05 <= needed(levels, "file") / strength.MARGIN <= (least + 0.05) * step


def test_what_is_harder_to_survive_needs_more_and_what_is_too_hard_is_none():
    def reads(logits):
        return bool(((logits > 0) == MESSAGE).mean() > 0.9 and np.abs(logits).mean() > 1.6)

    residual = Faint().residuals(GREY[None], MESSAGE[None])[0]
    found = [strength.needed(Faint(), GREY, residual, read_or_not(reads), goal).factor for goal in ("file", "messenger", "print")]
    assert found[0] <= found[1] < found[2]
    assert needed(30.0, "file") is None


def test_no_factor_above_the_largest_that_is_allowed_is_answered():
    """10.5 levels are 1.05 of the stamper's own strength, 8 are .8, and neither is followed by its whole margin."""
    stamper = Faint()
    residual = stamper.residuals(GREY[None], MESSAGE[None])[0]
    for levels, enough in ((10.5, False), (8.5, True)):
        found = strength.needed(stamper, strength.copy_of(GREY), residual, above(levels), "file", most=1.0)
        assert (found.factor, found.survives) == (1.0, enough)
    assert needed(10.5, "file") > 1.2


def test_the_answer_is_the_least_that_survives_every_way():
    """Held to all factors tried one by one."""
    stamper = Faint()
    residual = stamper.residuals(GREY[None], MESSAGE[None])[0]
    copy = strength.copy_of(GREY)
    for levels in (2.8, 4.1, 6.3):
        reads = above(levels)
        least = next(
            factor
            for factor in strength.FACTORS
            if all(
                reads(stamper.logits(network_view(way(added(copy, residual * np.float32(factor))), stamper.size)[None])[0]) >= 0
                for way in strength.WAYS["messenger"]
            )
        )
        assert needed(levels, "messenger") == pytest.approx(strength.MARGIN * least)


@pytest.mark.parametrize("slope", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("least", [0, 1, 7, 18, 19])
def test_the_least_is_found_in_few_looks(least, slope):
    """Also where a step brings half or twice as much as is thought: then it may be one step more than it has to be."""
    looked = []

    def spare_at(place):
        looked.append(place)
        return (place - least + 0.25) * slope * strength.STEP

    place, spare = strength._first(spare_at, 0)
    assert place == least or (slope < 1 and place == least + 1 <= len(strength.FACTORS) - 1)
    assert spare == (spare_at(place) if place < len(strength.FACTORS) else -np.inf)
    assert len(looked) <= 7 and len(set(looked)) >= len(looked) - 1


class Counted(Faint):
    """Counts what it is shown."""

    looks = 0

    def logits(self, images):
        self.looks += len(images)
        return super().logits(images)


@pytest.mark.parametrize(("spare", "looks"), [(strength.SURE, 4), (strength.SURE / 2, 6)])
def test_the_milder_ways_are_looked_at_where_little_is_to_spare(spare, looks):
    """Both prints, and both again with the mark taken back; then half the size and JPEG 50."""
    stamper = Counted()
    residual = stamper.residuals(GREY[None], MESSAGE[None])[0]
    strength.needed(stamper, strength.copy_of(GREY), residual, lambda logits: spare, "print")
    assert stamper.looks == looks


def test_a_print_that_is_read_narrowly_gets_what_a_messenger_needs():
    """A mark that a camera cannot weaken, but whose colours a messenger takes away: the prints alone would do with less."""
    stamper, shown = Faint(), []

    def spare(logits):
        # The first 2 looks and the third, taken back, are prints; what comes then is milder, and needs more.
        shown.append(np.abs(logits).mean())
        return 0.5 if len(shown) <= 2 else -1.0 if len(shown) == 3 else 0.5 if shown[-1] > 5 else -2.0

    residual = stamper.residuals(GREY[None], MESSAGE[None])[0]
    found = strength.needed(stamper, strength.copy_of(GREY), residual, spare, "print")
    assert found.weights.min() == 1 and found.factor / strength.MARGIN == pytest.approx(0.5, rel=0.15)


def test_the_camera_moves_flattens_and_darkens_the_same_way_every_time():
    image = np.zeros((200, 300, 3), np.uint8)
    image[50:150, 50:250] = 255
    photos = [way(image) for way in strength.WAYS["print"][-2:]]
    for photo, way in zip(photos, strength.WAYS["print"][-2:], strict=True):
        assert np.array_equal(photo, way(image))
        assert photo.shape == (strength.PRINTED_SIDE, round(1.5 * strength.PRINTED_SIDE), 3)
        # Black ink is grey on paper, and white paper is as bright as the lamp.
        assert 40 < np.median(photo[:60]) < 80 and 170 < np.median(photo[180:260, 200:450]) < 250
    assert np.abs(photos[0].astype(int) - photos[1]).mean() > 5


def test_deep_and_grey_pictures_are_tried_in_eight_bits():
    deep = np.full((2000, 1000, 1), 257 * 77, np.uint16)
    copy = strength.copy_of(deep)
    assert copy.shape == (512, 256, 1) and copy.dtype == np.uint8 and (copy == 77).all()
    stamper = Faint()
    residual = stamper.residuals(deep[None], MESSAGE[None])[0][..., :1]
    assert strength.needed(stamper, copy, residual, above(3.2), "messenger").factor == pytest.approx(0.4, rel=0.2)


def test_the_mark_is_taken_back_where_the_picture_is_even_as_far_as_reading_allows():
    """A picture half of which is rough: its even half loses, unless every level is needed."""
    rough = GREY.copy()
    rough[:, 150:, :] = np.random.default_rng(5).integers(88, 168, (200, 150, 1))
    stamper = Faint()
    residual = stamper.residuals(rough[None], MESSAGE[None])[0]
    right = read_or_not(lambda logits: ((logits > 0) == MESSAGE).mean() > 0.95)
    weights = strength.needed(stamper, strength.copy_of(rough), residual, right, "file").weights
    assert weights[:, :30].max() < 0.7 and weights[:, 50:].min() == 1
    strict = read_or_not(lambda logits: ((logits > 0) == MESSAGE).mean() > 0.95 and np.abs(logits[::10]).min() > 4)
    assert strength.needed(stamper, strength.copy_of(rough), residual, strict, "file").weights.min() == 1


def marked(stamper, **options):
    return Codec(stamper).mark(Picture.of(GREY), "Hello", **options)


def test_a_picture_gets_the_least_that_survives():
    found = {goal: marked(Faint(), survive=goal) for goal in ("file", "messenger", "print", "")}
    assert found["file"].strength <= found["messenger"].strength <= found["print"].strength == found[""].strength
    assert [each.survives for each in found.values()] == ["file", "messenger", "print", "print"]
    assert Codec(Faint()).decode(attack("jpeg50")(found["print"].picture).pixels).message == "Hello"


def test_no_picture_is_marked_more_strongly_than_by_the_network_itself_unless_it_is_told():
    """Of a mark of 5 levels a print leaves too little: more is made on demand alone, and the answer does not claim a print."""
    found = marked(Weak())
    assert (found.strength, found.survives) == (Weak.strength, "")
    told = marked(Weak(), survive="print")
    assert told.strength > 1.2 * Weak.strength and told.survives == "print"


def test_what_the_network_cannot_do_is_not_asked_for_unless_it_is_told():
    assert marked(Cloudy()).survives == "messenger"
    with pytest.raises(DoesNotSurvive, match="the message does not survive print at any strength that is tried"):
        marked(Cloudy(), survive="print")


def test_a_given_strength_is_kept_and_nothing_is_searched():
    found = marked(Faint(), strength=0.03)
    assert (found.strength, found.survives) == (0.03, "")
    with pytest.raises(UserError, match="a strength \\(0.03\\) is given, so there is nothing to search for survive print"):
        marked(Faint(), strength=0.03, survive="print")
    with pytest.raises(UserError, match="this network has one strength: nothing can be searched for survive file"):
        Codec(Blocks()).mark(Picture.of(GREY), "Hello", survive="file")


def test_what_shines_through_needs_more():
    """A picture of which a tenth is opaque shows a tenth of its mark; what is read is a level strong at the least."""
    clear = Picture(GREY, np.full(GREY.shape[:2], 255, np.uint8))
    faint = Picture(GREY, np.full(GREY.shape[:2], 24, np.uint8))
    found = [Codec(Faint()).mark(each, "Hello", survive="messenger").strength for each in (Picture.of(GREY), clear, faint)]
    assert found[0] == found[1] and found[2] > 1.3 * found[0]
