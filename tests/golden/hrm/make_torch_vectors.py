"""Makes torch_*.pt and torch_*.npz: small HRM and TRM networks in PyTorch, written from their description, and what they answer.

python tests/golden/hrm/make_torch_vectors.py     (needs PyTorch 2.4 or later; nothing else in this project does)

Each .pt is a state dictionary with the published names; each .npz holds tokens, puzzle identifiers, and the logits and halting logits of
two segments with a carry.
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

HERE = Path(__file__).parent
WIDTH, HEADS, INNER, CELLS, VOCABULARY, PUZZLES = 32, 4, 64, 16, 6, 3


class SelfAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv_proj, self.o_proj = nn.Linear(WIDTH, 3 * WIDTH, bias=False), nn.Linear(WIDTH, WIDTH, bias=False)

    def forward(self, x, angles):
        batch, length, _ = x.shape
        heads = self.qkv_proj(x).view(batch, length, 3 * HEADS, WIDTH // HEADS)
        query, key, value = heads[:, :, :HEADS], heads[:, :, HEADS : 2 * HEADS], heads[:, :, 2 * HEADS :]
        if angles is not None:
            cos, sin = (torch.cat([f(angles)] * 2, -1)[:, None] for f in (torch.cos, torch.sin))
            half = WIDTH // HEADS // 2
            turn = lambda t: t * cos + torch.cat([-t[..., half:], t[..., :half]], -1) * sin  # noqa: E731
            query, key = turn(query), turn(key)
        mixed = F.scaled_dot_product_attention(*(t.transpose(1, 2) for t in (query, key, value)))
        return self.o_proj(mixed.transpose(1, 2).reshape(batch, length, WIDTH))


class Gated(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.gate_up_proj, self.down_proj = nn.Linear(width, 2 * inner, bias=False), nn.Linear(inner, width, bias=False)

    def forward(self, x):
        gate, up = self.gate_up_proj(x).chunk(2, dim=-1)
        return self.down_proj(F.silu(gate) * up)


def norm(x):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-5)


class Block(nn.Module):
    def __init__(self, length, across):
        super().__init__()
        self.across = across
        if across:
            self.mlp_t = Gated(length, 256)
        else:
            self.self_attn = SelfAttention()
        self.mlp = Gated(WIDTH, INNER)

    def forward(self, x, angles):
        if self.across:
            turned = x.transpose(1, 2)
            x = norm(turned + self.mlp_t(turned)).transpose(1, 2)
        else:
            x = norm(x + self.self_attn(x, angles))
        return norm(x + self.mlp(x))


class Level(nn.Module):
    def __init__(self, depth, length, across):
        super().__init__()
        self.layers = nn.ModuleList([Block(length, across) for _ in range(depth)])

    def forward(self, state, injection, angles):
        x = state + injection
        for layer in self.layers:
            x = layer(x, angles)
        return x


class Inner(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.kind = kind
        self.prefix = 1 if kind == "hrm" else 16
        length = self.prefix + CELLS
        self.embed_tokens, self.puzzle_emb, self.lm_head = nn.Module(), nn.Module(), nn.Linear(WIDTH, VOCABULARY, bias=False)
        self.embed_tokens.embedding_weight = nn.Parameter(torch.randn(VOCABULARY, WIDTH) * WIDTH**-0.5)
        self.puzzle_emb.register_buffer("weights", torch.randn(PUZZLES, WIDTH))
        self.q_head = nn.Linear(WIDTH, 2)
        self.register_buffer("H_init", torch.randn(WIDTH).to(torch.bfloat16))
        self.register_buffer("L_init", torch.randn(WIDTH).to(torch.bfloat16))
        if kind == "hrm":
            self.H_level = Level(2, length, False)
        self.L_level = Level(2, length, kind == "trm_mlp")
        self.cycles = (2, 2) if kind == "hrm" else (3, 6)
        frequencies = 1.0 / 1e4 ** (torch.arange(0, WIDTH // HEADS, 2) / (WIDTH // HEADS))
        self.angles = None if kind == "trm_mlp" else torch.outer(torch.arange(length).float(), frequencies)

    def forward(self, tokens, puzzle, high, low):
        x = F.embedding(tokens, self.embed_tokens.embedding_weight)
        vector = F.pad(self.puzzle_emb.weights[puzzle], (0, self.prefix * WIDTH - WIDTH))
        x = WIDTH**0.5 * torch.cat([vector.view(-1, self.prefix, WIDTH), x], 1)
        upper = self.H_level if self.kind == "hrm" else self.L_level
        for _ in range(self.cycles[0]):
            for _ in range(self.cycles[1]):
                low = self.L_level(low, high + x, self.angles)
            high = upper(high, low, self.angles)
        return high, low, self.lm_head(high)[:, self.prefix :], self.q_head(high[:, 0])


def main():
    for kind in ("hrm", "trm", "trm_mlp"):
        torch.manual_seed(0)
        inner = Inner(kind).eval()
        wrapped = nn.Module()
        wrapped.model = nn.Module()
        wrapped.model.inner = inner
        torch.save({f"_orig_mod.{name}": value for name, value in wrapped.state_dict().items()}, HERE / f"torch_{kind}.pt")
        tokens, puzzle = torch.randint(0, VOCABULARY, (4, CELLS)), torch.tensor([0, 1, 2, 1])
        shape = (4, inner.prefix + CELLS, WIDTH)
        high, low = (start.float().expand(shape) for start in (inner.H_init, inner.L_init))
        found = {"tokens": tokens, "identifier": puzzle}
        with torch.no_grad():
            for segment in range(2):
                high, low, logits, halting = inner(tokens, puzzle, high, low)
                found |= {f"logits_{segment}": logits, f"halting_{segment}": halting}
        np.savez_compressed(HERE / f"torch_{kind}.npz", **{name: value.numpy() for name, value in found.items()})


if __name__ == "__main__":
    main()
