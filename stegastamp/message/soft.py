"""Soft decision: the most probable code word given every bit's reliability, and the chance that noise would look as much like one.

A hard decision cuts the logits at zero and loses how sure each bit was. Ordered-statistics decoding (Fossorier and Lin 1995) trusts the
most reliable bits that determine a word, tries every change of up to `order` of them, and takes the word that contradicts the least
reliability. It always finds a word; whether that word means anything is told by `chance`, not by the decoder.
"""

from typing import NamedTuple

import numpy as np

from longrun.errors import UserError

MEAN_RELIABILITY = 64
LARGEST_RELIABILITY = 255


class NotFinite(UserError):
    """A network gave logits that are no numbers: the weights somebody named are those of a training that failed."""


class Candidate(NamedTuple):
    """A code word near the logits."""

    word: np.ndarray
    """(n,) uint8 of 0 and 1."""
    disagreement: int
    """Sum of the reliabilities of the bits in which the word contradicts the logits."""


def reliabilities(logits: np.ndarray) -> np.ndarray:
    """How sure each bit is, (n,) int64 in 0..255 with a mean of about 64: |logit| on a scale of its own, cut at four times the mean.

    Whole numbers, so that `chance` can count exactly. Raises NotFinite, and ValueError for another shape.
    """
    logits = np.asarray(logits, np.float64)
    if logits.ndim != 1:
        raise ValueError(f"soft decision needs logits of shape (n,), not {logits.shape}")
    if not np.isfinite(logits).all():
        raise NotFinite(f"soft decision needs finite logits; of {len(logits)} that the network gave {np.sum(~np.isfinite(logits))} are not")
    size = np.abs(logits)
    mean = size.mean()
    if mean == 0:
        return np.zeros(len(size), np.int64)
    return np.minimum(np.rint(MEAN_RELIABILITY * (size / mean)), LARGEST_RELIABILITY).astype(np.int64)


def chance(reliability: np.ndarray, disagreement: int) -> float:
    """Exact probability that fair coin flips with these reliabilities (n,) contradict a given word by at most `disagreement`.

    The union bound makes it honest for any decoder: the chance that *some* word out of m is contradicted so little is at most m times
    this. With equal reliabilities it is the volume of a Hamming ball over 2^n.
    """
    ways = np.zeros(int(disagreement) + 1)
    ways[0] = 1.0
    for weight in reliability:
        contradicted = np.zeros_like(ways)
        contradicted[weight:] = ways[: max(0, len(ways) - weight)]
        ways = (ways + contradicted) / 2
    return float(ways.sum())


def candidates(
    generator: np.ndarray, offset: np.ndarray, hard: np.ndarray, reliability: np.ndarray, order: int = 2, keep: int = 4
) -> list[Candidate]:
    """The `keep` best words of an affine code that ordered-statistics decoding finds, the best first.

    generator: (k, n) uint8 of full rank and offset: (n,) uint8; the words are data @ generator + offset mod 2. hard: (n,) bits as cut
    at zero. reliability: (n,) of `reliabilities`. order: 1, 2 or 3, how many of the k trusted bits may be wrong; work grows as
    n k^order, in matrix products.
    """
    if order not in (1, 2, 3):
        raise ValueError(f"order is 1, 2 or 3, not {order}")
    hard = hard.astype(np.uint8) ^ offset
    trusted, basis = _most_reliable_basis(generator, reliability)
    first = (hard[trusted] @ basis) & 1
    agreement = np.where(first == hard, reliability, -reliability).astype(np.float32)
    # Row 0 changes nothing, row i + 1 the trusted bit i: pairs of rows are all changes of up to two bits.
    rows = np.vstack([np.zeros_like(first), basis])
    signs = 1 - 2 * rows.astype(np.float32)
    scores, changes = [], []
    for third in range(len(rows) - 2) if order == 3 else (0,):
        start = third + 1 if third else 0
        later = signs[start:]
        # Sums of at most 256 whole numbers up to 255: exact in float32.
        pairs = (later * (agreement * signs[third])) @ (later.T if order > 1 else later[:1].T)
        if order > 1:
            # Each set of changes once. On the diagonal a row undoes itself, which is no change, and counts where it is row 0 twice.
            nothing = pairs[0, 0]
            pairs[np.tri(len(later), dtype=bool)] = -np.inf
            pairs[0, 0] = -np.inf if third else nothing
        flat, least = pairs.ravel(), min(keep, pairs.size)
        # All that may be among the best, in order: of equals the first ones are kept, whatever a library's partition does with them.
        best = np.flatnonzero(flat >= np.partition(flat, -least)[-least])
        best = best[np.argsort(-flat[best], kind="stable")][:keep]
        scores.append(flat[best])
        changes += [(third, start + row, start + column) for row, column in zip(*np.unravel_index(best, pairs.shape), strict=True)]
    scores, total = np.concatenate(scores), int(reliability.sum())
    return [
        Candidate(first ^ np.bitwise_xor.reduce(rows[list(changes[index])], axis=0) ^ offset, (total - int(scores[index])) // 2)
        for index in np.argsort(-scores, kind="stable")[:keep]
        if np.isfinite(scores[index])
    ]


def _most_reliable_basis(generator, reliability):
    """Positions of the k most reliable independent bits, and the generator whose row i is 1 in position i of them only."""
    count, length = generator.shape
    order = np.argsort(-reliability, kind="stable")
    # Whole rows as Python integers, the most reliable bit first: an addition of rows is then a single xor.
    rows = [int.from_bytes(row.tobytes()) for row in np.packbits(generator[:, order], axis=1)]
    width, trusted = -(-length // 8), []
    for position, column in enumerate(order):
        bit, rank = 1 << (8 * width - 1 - position), len(trusted)
        pivot = next((index for index in range(rank, count) if rows[index] & bit), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        row = rows[rank]
        rows = [other ^ row if other & bit else other for other in rows]
        rows[rank] = row
        trusted.append(column)
        if len(trusted) == count:
            break
    packed = np.frombuffer(b"".join(row.to_bytes(width) for row in rows), np.uint8).reshape(count, width)
    basis = np.empty_like(generator)
    basis[:, order] = np.unpackbits(packed, axis=1, count=length)
    return trusted, basis
