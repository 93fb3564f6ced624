"""Draws docs/figures/overview.jpg, the picture of README.md, with the released weights: `python docs/draw_overview.py`.

Above: a photo of scikit-image, the same with a message in it, and ten times their difference. Below: a Sudoku as a network of 333,058
parameters fills it segment by segment, and a grid task with the answer of a transformer that was never shown its input.
"""

import sys
from pathlib import Path

import matplotlib
import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
matplotlib.use("agg")
SUDOKU = "530070000600195000098000060800060003400803001700020006060000280000419005000080079"
SEGMENTS = (1, 2)
SKILL = "85c4e7cd"
COLOURS = ("#000000", "#1e93ff", "#f93c31", "#4fcc30", "#ffdc00", "#999999", "#e53aa3", "#ff851b", "#87d8f1", "#921231")


def stamped_photo():
    """Cover, stamp and ten times their difference around grey, each (H, W, 3) uint8, and PSNR in dB."""
    import cv2
    from skimage import data

    import stegastamp

    cover = np.ascontiguousarray(data.chelsea())
    stamp = stegastamp.load().encode(cover, "Hello")
    difference = np.clip(128 + 10 * (stamp.astype(int) - cover), 0, 255).astype(np.uint8)
    return cover, stamp, difference, cv2.PSNR(cover, stamp)


def sudoku_boards():
    """The question, and what the released network has after each of SEGMENTS, each (9, 9) of 0 (empty) to 9."""
    from hrm.network.reasoner import load

    question = np.array([int(digit) for digit in SUDOKU])
    tokens = question[None] + 1
    thoughts = load(ROOT / "checkpoints" / "released" / "hrm" / "sudoku9").think(tokens, np.zeros(1, np.int32), halt=False)
    return question.reshape(9, 9), [thoughts.answers[count - 1][0].reshape(9, 9) - 1 for count in SEGMENTS]


def grid_task():
    """An instance of a rule that no training draws: input, answer of the released transformer, and right answer."""
    from arc.network.answerer import load
    from arc.skills import draw_task

    task = draw_task(SKILL, seed=0, index=1, split="test", cap=10)
    (answer,) = load(ROOT / "checkpoints" / "released" / "arc" / "quick").answers([task])
    return task.test[0].input, answer.attempts[0], task.test[0].output


def draw(path: Path) -> None:
    """The whole picture as a JPEG."""
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(12, 5.1), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=(1, 0.68))
    cover, stamp, difference, psnr = stamped_photo()
    titles = ("photo", f'the same with "Hello" in it ({psnr:.1f} dB)', "difference, ten times")
    for axes, pixels, title in zip(above.subplots(1, 3), (cover, stamp, difference), titles, strict=True):
        axes.imshow(pixels)
        axes.set_title(title, fontsize=10)
        axes.axis("off")
    question, boards = sudoku_boards()
    places = below.subplots(1, 6)
    for axes, board, title in zip(places, [question, *boards], ["Sudoku", *(f"after segment {count}" for count in SEGMENTS)], strict=False):
        _sudoku(axes, board, question, boards[-1])
        axes.set_title(title, fontsize=10)
    for axes, grid, title in zip(places[3:], grid_task(), ("grid", "answer", "right answer"), strict=True):
        axes.imshow(grid, cmap=matplotlib.colors.ListedColormap(COLOURS), vmin=0, vmax=9)
        axes.set_title(title, fontsize=10)
        axes.set_xticks(np.arange(0.5, grid.shape[1] - 1), [])
        axes.set_yticks(np.arange(0.5, grid.shape[0] - 1), [])
        axes.grid(color="#555555", linewidth=0.5)
        axes.tick_params(length=0)
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, dpi=110, pil_kwargs={"quality": 88})


def _sudoku(axes, board, question, answer):
    axes.set(xlim=(0, 9), ylim=(9, 0), aspect="equal", xticks=[], yticks=[])
    for line in range(10):
        width = 1.4 if line % 3 == 0 else 0.4
        axes.axhline(line, color="black", linewidth=width)
        axes.axvline(line, color="black", linewidth=width)
    for (row, column), digit in np.ndenumerate(board):
        if digit > 0:
            given, right = question[row, column] > 0, digit == answer[row, column]
            colour = "black" if given else "#1a7f37" if right else "#cf222e"
            weight = "bold" if given else "normal"
            axes.text(column + 0.5, row + 0.55, digit, ha="center", va="center", fontsize=7, color=colour, weight=weight)


if __name__ == "__main__":
    draw(ROOT / "docs" / "figures" / "overview.jpg")
