"""A stamp printed on paper and photographed by hand, as one chain in the order in which light and matter meet it.

Each stage is a function of (image, generator); its constant says from what range it draws and why. Ours; the ranges are judgement
from everyday use, not a fit to one printer and one phone. From the paper to the sensor, values are linear light, 1 being white paper.
"""

import cv2
import numpy as np

RASTER = 1024
"""Pixels of the print's short side in the simulation: 260 per inch on a print 10 cm high, enough for its dots."""
TONE_CURVE = 2.2
"""Exponent from sRGB to light, and its inverse."""
PAPER_TINT = (0.04, 0.03, 0.06)
"""Up to this much less red, green and blue comes back from white paper: office stock is cream to blue-white."""
BLACKEST = (0.02, 0.07)
"""Light that comes back from full ink: densities of 1.7 (photo paper) to 1.15 (plain paper)."""
FIBRE = (0.005, 0.02)
"""Relative deviation of the paper's reflectance, fine fibres and coarser clouds together: coated to rough stock."""
SCREEN = (2.3, 3.4)
"""Pitch of the halftone dots in raster pixels: 113 down to 76 lines per inch on 10 cm, as office laser printers and newsprint."""
SCREEN_ANGLES = (15.0, 75.0, 0.0)
"""Degrees of the dot grids that take away red, green and blue (cyan, magenta and yellow ink), as offset presses turn them."""
DOT_EDGE = (0.12, 0.3)
"""Range of tones over which a dot's edge moves: ink spreads along fibres and light under the dot (Yule-Nielsen), most on plain paper."""
LAMP = 0.25
"""Largest fall of the light across the print, as a share: a lamp or window at one side."""
SURROUNDINGS = (0.05, 0.9)
"""Grey of the table around the print."""
CORNERS = 0.03
"""Largest offset of a corner, as a share of the side: what a fitted quadrilateral or a careful hand leaves over."""
PHOTO_SIDE = (380, 820)
"""Pixels of the print's short side in the photo: a tenth to a quarter of a 12-megapixel frame's height."""
DEFOCUS = (0.3, 1.1)
"""Radius of the circle of confusion in pixels of the photo: focused, to a hand-held near shot."""
SHAKE = 2.0
"""Longest smear by the hand in pixels of the photo: what stabilisation leaves over at 1/60 s."""
VIGNETTE = (0.05, 0.3)
"""Loss of light at the corners of the print, cos^4 of the field angle and mount: print in the centre, to print filling the frame."""
WELL = (1500.0, 8000.0)
"""Electrons of a white pixel: a phone's 1 um pixel by daylight down to ISO 400 indoors. Shot noise is their square root."""
READ_NOISE = (2.0, 6.0)
"""Electrons of read noise: sensors of phones."""
EXPOSURE = (-0.35, 0.2)
"""Error of the automatic exposure in stops."""
WHITE_BALANCE = 0.08
"""Largest error of the gains of red and blue against green: automatic balance under lamps."""
QUALITY = (70, 95)
"""JPEG quality that cameras and messengers write, colour at half resolution."""


def print_and_camera(image: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """The photo of a print of an image (H, W, 3) float32 in [0, 1], roughly cut out: float32 in [0, 1], of the camera's size."""
    for stage in (to_printer, halftone, paper, lamp, viewpoint, lens, sensor, development, jpeg):
        image = stage(image, generator)
    return image


def to_printer(image, generator):
    """Pixels of any size -> those of the printer's raster, still sRGB."""
    # A strip is printed smaller, or its raster would fill the memory.
    scale = min(RASTER / min(image.shape[:2]), 4 * RASTER / max(image.shape[:2]))
    height, width = (max(1, round(scale * side)) for side in image.shape[:2])
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA)


def halftone(image, generator):
    """sRGB -> light that passes the ink, in [0, 1]: a grid of dots each of cyan, magenta and yellow, their average tone right."""
    pitch, edge, turn = generator.uniform(*SCREEN), generator.uniform(*DOT_EDGE), generator.uniform(-5, 5)
    # A printer is calibrated: for each of 256 tones, the level that makes the dots cover the right share of the paper.
    coverage = 1 - np.linspace(0, 1, 256) ** TONE_CURVE
    calibration = np.float32(np.interp(coverage, _coverage(_LEVELS, edge), _LEVELS))
    level = cv2.LUT(np.uint8(np.rint(np.clip(image, 0, 1) * 255)), calibration)
    row = np.arange(image.shape[0], dtype=np.float32)[:, None]
    column = np.arange(image.shape[1], dtype=np.float32)[None, :]
    dots = []
    for channel, angle in enumerate(SCREEN_ANGLES):
        # np.float32: a scalar of NumPy's double precision would make the whole array double.
        direction = np.radians(angle + turn)
        cosine, sine = np.float32([np.cos(direction), np.sin(direction)]) * np.float32(2 * np.pi / pitch)
        first, second = np.float32(generator.uniform(0, 2 * np.pi, 2))
        screen = _wave(cosine * column + first, sine * row) + _wave(second - sine * column, cosine * row)
        ink = cv2.addWeighted(level[..., channel], 1 / edge, screen, -0.5 / edge, 0.5)
        dots.append(np.clip(ink, 0, 1, out=ink))
    return 1 - cv2.merge(dots)


def paper(image, generator):
    """Light that passes the ink -> light that comes back: white is the paper's tint, black is not nothing, fibres show."""
    white = 1 - generator.uniform(0, PAPER_TINT)
    black = generator.uniform(*BLACKEST)
    height, width = image.shape[:2]
    fine = generator.standard_normal((height, width), np.float32)
    clouds = cv2.resize(generator.standard_normal((height // 8 + 1, width // 8 + 1), np.float32), (width, height))
    texture = 1 + generator.uniform(*FIBRE) * (0.8 * fine + 0.6 * clouds)
    return (black + np.float32(white - black) * image) * texture[..., None]


def lamp(image, generator):
    """Light falls off towards one side."""
    angle, loss = generator.uniform(0, 2 * np.pi), generator.uniform(0, LAMP)
    row = np.linspace(-0.5, 0.5, image.shape[0], dtype=np.float32)[:, None]
    column = np.linspace(-0.5, 0.5, image.shape[1], dtype=np.float32)[None, :]
    down, right = np.float32([np.sin(angle), np.cos(angle)] / (abs(np.sin(angle)) + abs(np.cos(angle))))
    return image * (1 - loss * (0.5 + down * row + right * column))[..., None]


def viewpoint(image, generator):
    """The camera does not face the print squarely; past its edge the table shows."""
    height, width = image.shape[:2]
    corners = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    moved = corners + np.float32(generator.uniform(-CORNERS, CORNERS, (4, 2)) * (width, height))
    table = float(generator.uniform(*SURROUNDINGS))
    transform = cv2.getPerspectiveTransform(corners, moved)
    return cv2.warpPerspective(image, transform, (width, height), borderMode=cv2.BORDER_CONSTANT, borderValue=(table,) * 3)


def lens(image, generator):
    """Defocus, shake and vignetting before the sensor; then its pixels add up the light, where a dot grid becomes moire."""
    side = generator.uniform(*PHOTO_SIDE)
    shrink = max(1.0, min(image.shape[:2]) / side)
    radius, shake = shrink * generator.uniform(*DEFOCUS), shrink * generator.uniform(0, SHAKE)
    image = cv2.filter2D(image, -1, _smear(radius, shake, generator.uniform(0, np.pi)), borderType=cv2.BORDER_REFLECT)
    height, width = (max(1, round(length / shrink)) for length in image.shape[:2])
    image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    row = np.linspace(-1, 1, height, dtype=np.float32)[:, None] ** 2
    column = np.linspace(-1, 1, width, dtype=np.float32)[None, :] ** 2
    # cos^4 of the field angle is (1 + tan^2)^-2, and tan grows with the distance from the centre.
    tangent = (1 - generator.uniform(*VIGNETTE)) ** -0.5 - 1
    return image * ((1 + tangent * (row + column) / 2) ** -2)[..., None]


def sensor(image, generator):
    """Electrons are counted: noise of the light itself, and of reading it out."""
    well, read = generator.uniform(*WELL), generator.uniform(*READ_NOISE)
    deviation = cv2.sqrt(np.maximum(image, 0) * np.float32(1 / well) + np.float32((read / well) ** 2))
    return image + deviation * generator.standard_normal(image.shape, np.float32)


def development(image, generator):
    """Exposure and white balance a little off, highlights clipped, then the tone curve of sRGB."""
    gains = 1 + generator.uniform(-WHITE_BALANCE, WHITE_BALANCE, 3) * (1, 0, 1)
    exposed = image * np.float32(gains * 2 ** generator.uniform(*EXPOSURE))
    return cv2.pow(np.clip(exposed, 0, 1), 1 / TONE_CURVE)


def jpeg(image, generator):
    """The file the phone writes."""
    quality = int(generator.integers(QUALITY[0], QUALITY[1] + 1))
    data = cv2.imencode(".jpg", np.uint8(np.rint(image[..., ::-1] * 255)), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.float32(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1]) / 255


def _wave(across, down):
    # cos(a + b) of two axes: a cosine for each row and column instead of one for each pixel.
    return np.cos(across) * np.cos(down) - np.sin(across) * np.sin(down)


def _coverage(levels, edge):
    """Share of the paper that dots of each level cover, on a grid of screen phases."""
    phase = np.cos(np.linspace(0, 2 * np.pi, 64, endpoint=False))
    screen = 0.5 * (phase[:, None] + phase[None, :]).ravel()
    return np.clip((levels[:, None] - screen) / edge + 0.5, 0, 1).mean(axis=1)


def _smear(radius, shake, angle):
    """A disc swept along a line, as a kernel whose sum is 1; lengths in pixels."""
    reach = int(np.ceil(radius + shake / 2))
    # Eight points to a pixel, so that a disc of half a pixel has its size.
    fine = (np.arange(8 * (2 * reach + 1)) + 0.5) / 8 - reach - 0.5
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    for moment in (np.arange(16) + 0.5) / 16 - 0.5:
        row, column = fine[:, None] - shake * moment * np.sin(angle), fine[None, :] - shake * moment * np.cos(angle)
        kernel += (row**2 + column**2 <= radius**2).reshape(2 * reach + 1, 8, 2 * reach + 1, 8).mean(axis=(1, 3))
    return kernel / kernel.sum()


_LEVELS = np.linspace(-1.2, 1.2, 97)
