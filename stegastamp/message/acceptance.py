"""From logits to a message that is there: soft decoding of many tries at once, and the chance that a picture without a stamp passes.

The decoder always finds a nearest message, so acceptance is a test of its own. Let a picture without a stamp give bits that are fair
coin flips whatever their reliabilities. A given message is then contradicted as little as the one found with probability
`soft.chance`, and some message with at most `messages` times that (union bound; it holds for any decoder). Several tries - rotations,
crops, formats - share the risk: try i may fail with share s_i, the shares sum to 1, and chance * messages / s_i is the probability that
the whole call would have accepted something as good. A reading is accepted where that is at most `FALSE_ACCEPT`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stegastamp.message import soft
from stegastamp.message.formats import Format, Message

FALSE_ACCEPT = 2e-6
"""Largest probability that a call accepts a message in a picture without one: 0.04 expected in 20,000 pictures."""
LIST = 4
"""Nearest words that are looked at; the first that says something counts."""


@dataclass(frozen=True)
class Reading:
    """A message that was found."""

    message: Message
    """A text, or a UUID."""
    format: str
    corrected: int
    """Bits of the stamp that were read wrong, known bits included."""
    bits: int
    """Bits of the stamp."""
    false_accept_probability: float
    """Probability that a picture without a stamp would have been accepted on evidence as good, all tries of the call together."""
    attempt: int = 0
    """Row of the logits it was read from."""
    rotation: int = 0
    """Degrees counterclockwise that bring the picture upright."""
    mirrored: bool = False
    """Whether the picture is mirrored left to right after that."""
    frame: float = 1.0
    """Side of the stamp in sides of the picture: below 1 a part of it, above 1 the picture had been cropped."""
    way: str = "whole"
    """How it was found: in the whole picture, within its margins, or in the picture as a "part" of what was stamped."""


def read(logits: np.ndarray, formats: Sequence[Format], shares: Sequence[float] = (), limit: float = FALSE_ACCEPT) -> Reading | None:
    """The likeliest message in logits (tries, bits), or None where none passes.

    formats: what the bits may mean; all of the size of the logits. shares: of the risk, one for each try, their sum over all tries of
    a call at most 1; empty: equal ones. limit: the largest false accept probability. Raises ValueError for logits that do not fit.
    """
    logits = np.asarray(logits)
    if logits.ndim != 2 or any(one.bits != logits.shape[1] for one in formats):
        raise ValueError(f"logits must have shape (tries, {formats[0].bits}) for {formats[0].name}, not {logits.shape}")
    shares = list(shares) or [1 / len(logits)] * len(logits)
    whole = sum(one.share for one in formats)
    best = None
    for attempt, (row, share) in enumerate(zip(logits, shares, strict=True)):
        hard, reliability = row > 0, soft.reliabilities(row)
        for form in formats:
            found = _nearest(hard, reliability, form)
            if found is None:
                continue
            message, candidate = found
            odds = soft.chance(reliability, candidate.disagreement) * form.messages * whole / (share * form.share)
            if odds <= limit and (best is None or odds < best.false_accept_probability):
                corrected = int((hard != candidate.word).sum())
                best = Reading(message, form.name, corrected, form.bits, odds, attempt)
    return best


def _nearest(hard, reliability, form):
    """The nearest word that says something, with its message."""
    offset = np.frombuffer(form.offset, np.uint8)
    for candidate in soft.candidates(form.generator, offset, hard, reliability, keep=LIST):
        message = form.message(candidate.word)
        if message is not None:
            return message, candidate
    return None
