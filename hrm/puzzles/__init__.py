"""Where puzzles come from: generators and readers, all giving `Examples`, all functions of (seed, step)."""
