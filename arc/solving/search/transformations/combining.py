"""One picture from all pictures of a list: laid over one another, compared cell by cell, set beside or below one another."""

from collections.abc import Sequence

import numpy as np

from arc.grids.tasks import MAX_SIDE


def _alike(change):
    """Only for pictures of one size, as a stack (N, H, W)."""

    def combined(pictures):
        return change(np.stack(pictures)) if len({picture.shape for picture in pictures}) == 1 else None

    return combined


def _over(stack):
    """The first that is drawn in each cell."""
    return np.take_along_axis(stack, (stack > 0).argmax(0)[None], 0)[0]


def _where_all(stack):
    return np.where((stack > 0).all(0), stack[0], np.int8(0))


def _where_one(stack):
    return np.where((stack > 0).sum(0) == 1, stack.max(0), np.int8(0))


def _where_none(stack):
    return (stack == 0).all(0).astype(np.int8)


def _where_equal(stack):
    return np.where((stack == stack[0]).all(0), stack[0], np.int8(0))


def _count(stack):
    return np.minimum((stack > 0).sum(0), 9).astype(np.int8)


def _usual(stack):
    return np.stack([(stack == colour).sum(0) for colour in range(10)]).argmax(0).astype(np.int8)


def _centred(pictures, backwards):
    """Laid over one another by their middles, the smallest on top, as large as the largest; zeros are seen through."""
    height, width = (max(picture.shape[axis] for picture in pictures) for axis in (0, 1))
    found = np.zeros((height, width), np.int8)
    for picture in sorted(pictures, key=lambda picture: picture.size, reverse=not backwards):
        if (height - picture.shape[0]) % 2 or (width - picture.shape[1]) % 2:
            return None
        top, left = (height - picture.shape[0]) // 2, (width - picture.shape[1]) // 2
        place = found[top : top + picture.shape[0], left : left + picture.shape[1]]
        place[...] = np.where(picture > 0, picture, place)
    return found


def _row(pictures: Sequence[np.ndarray], axis):
    sides = {picture.shape[1 - axis] for picture in pictures}
    if len(sides) != 1 or sum(picture.shape[axis] for picture in pictures) > MAX_SIDE:
        return None
    return np.concatenate(pictures, axis)


def _sorted(pictures):
    return sorted(pictures, key=lambda picture: -int((picture > 0).sum()))


def _square(pictures):
    """Set out in reading order, as many beside as below."""
    side = round(len(pictures) ** 0.5)
    if side * side != len(pictures) or len({picture.shape for picture in pictures}) != 1:
        return None
    if max(pictures[0].shape) * side > MAX_SIDE:
        return None
    return np.concatenate([np.concatenate(pictures[row * side : (row + 1) * side], 1) for row in range(side)], 0)


def _cells(pictures):
    """A list of square number as a small picture: each by its commonest colour."""
    side = round(len(pictures) ** 0.5)
    if side * side != len(pictures):
        return None
    return np.array([np.bincount(picture.ravel()).argmax() for picture in pictures], np.int8).reshape(side, side)


def _by_size(stack):
    """Every cell drawn by the rank of its picture's size, the largest first."""
    sizes = (stack > 0).sum((1, 2))
    ranks = np.unique(-sizes, return_inverse=True)[1] + 1
    return np.where(stack > 0, np.minimum(ranks, 9)[:, None, None], 0).max(0).astype(np.int8)


COMBINATIONS = {
    "over": _alike(_over),
    "over backwards": _alike(lambda stack: _over(stack[::-1])),
    "where all": _alike(_where_all),
    "where one": _alike(_where_one),
    "where none": _alike(_where_none),
    "where equal": _alike(_where_equal),
    "count": _alike(_count),
    "usual": _alike(_usual),
    "by size": _alike(_by_size),
    "centred": lambda pictures: _centred(pictures, False),
    "centred backwards": lambda pictures: _centred(pictures, True),
    "row": lambda pictures: _row(pictures, 1),
    "column": lambda pictures: _row(pictures, 0),
    "row backwards": lambda pictures: _row(pictures[::-1], 1),
    "column backwards": lambda pictures: _row(pictures[::-1], 0),
    "row by size": lambda pictures: _row(_sorted(pictures), 1),
    "column by size": lambda pictures: _row(_sorted(pictures), 0),
    "row by size backwards": lambda pictures: _row(_sorted(pictures)[::-1], 1),
    "column by size backwards": lambda pictures: _row(_sorted(pictures)[::-1], 0),
    "square": _square,
    "cells": _cells,
}
"""Name -> list of grids -> grid, or None where they do not go together."""
