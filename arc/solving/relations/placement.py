"""Facts about the place of a cell on a canvas, whatever is drawn there."""

import numpy as np


def places(height: int, width: int) -> np.ndarray:
    """Facts about the place of a cell on a canvas, (height, width, len(PLACE_NAMES)) float32."""
    return np.stack(list(places_of(height, width).values()), axis=2).astype(np.float32)


def places_of(height: int, width: int) -> dict[str, np.ndarray]:
    """Name -> 0..1, of a shape that broadcasts to (height, width)."""
    row, column = np.indices((height, width))
    edge = np.minimum.reduce([row, column, height - 1 - row, width - 1 - column])
    found = {"row odd": row % 2, "column odd": column % 2, "sum odd": (row + column) % 2, "edge odd": edge % 2}
    found |= {"row odd from end": (height - 1 - row) % 2, "column odd from end": (width - 1 - column) % 2}
    found |= {f"row mod 3 is {k}": row % 3 == k for k in range(3)} | {f"column mod 3 is {k}": column % 3 == k for k in range(3)}
    found |= {f"edge is {k}": edge == k for k in range(3)}
    found |= {"diagonal": row == column, "other diagonal": row + column == width - 1}
    found |= {"first row": row == 0, "last row": row == height - 1, "first column": column == 0, "last column": column == width - 1}
    found |= {"middle row": 2 * row == height - 1, "middle column": 2 * column == width - 1}
    return found | {
        "row": row / 30,
        "column": column / 30,
        "row from end": (height - 1 - row) / 30,
        "column from end": (width - 1 - column) / 30,
    }
