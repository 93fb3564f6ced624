"""Makes torch_optimizer.npz: what PyTorch's AdamW and ReduceLROnPlateau do, for the original recipe to do the same.

python tests/golden/collatz/make_torch_vectors.py     (made with torch 2.13.0 on a CPU; nothing else in this project needs it)

initial (P,), gradients (S, P), rates (S,), weights (S, P) after each step; plateau_steps and plateau_rates, where the rate changed.
"""

from pathlib import Path

import numpy as np

STEPS, WEIGHTS = 60, 24
PLATEAU_STEPS = 60_000


def noisy_loss(step: int) -> float:
    """A loss that falls and is as noisy as one of single batches, without a random generator whose stream might change."""
    noise = (step * 2654435761 % 2**32) / 2**32
    return (1 + 3 * 0.5 ** (step / 1500)) * (0.5 + noise)


def adamw(initial: np.ndarray, gradients: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """(S, P) weights after each step with the defaults of PyTorch."""
    import torch

    weight = torch.nn.Parameter(torch.tensor(initial))
    optimizer, path = torch.optim.AdamW([weight]), []
    for gradient, rate in zip(gradients, rates, strict=True):
        optimizer.param_groups[0]["lr"] = float(rate)
        weight.grad = torch.tensor(gradient)
        optimizer.step()
        path.append(weight.detach().numpy().copy())
    return np.stack(path)


def plateau() -> tuple[np.ndarray, np.ndarray]:
    """(steps, rates): from which step on which rate holds, with the scheduler called as in the original run."""
    import torch

    optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=1e-3)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, mode="min", factor=0.5, patience=2000)
    steps, rates = [], [1e-3]
    for step in range(PLATEAU_STEPS):
        scheduler.step(noisy_loss(step))
        if (rate := optimizer.param_groups[0]["lr"]) != rates[-1]:
            steps.append(step)
            rates.append(rate)
    return np.array(steps), np.array(rates[1:])


def main() -> None:
    generator = np.random.default_rng(0)
    initial = generator.normal(size=WEIGHTS).astype(np.float32)
    # From far below epsilon to far above it: what epsilon is added to shows only where the gradient is about as small.
    scale = np.logspace(-11, 1, WEIGHTS)
    gradients = (generator.normal(size=(STEPS, WEIGHTS)) * scale).astype(np.float32)
    rates = np.where(np.arange(STEPS) < STEPS // 2, 1e-3, 5e-4)
    steps, halved = plateau()
    vectors = {"initial": initial, "gradients": gradients, "rates": rates, "weights": adamw(initial, gradients, rates)}
    np.savez_compressed(Path(__file__).with_name("torch_optimizer.npz"), **vectors, plateau_steps=steps, plateau_rates=halved)


if __name__ == "__main__":
    main()
