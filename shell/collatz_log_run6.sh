#!/usr/bin/env bash
# The log's run 6: lookahead 20, 4.4 M parameters, 100,000 steps, until it is done, whatever happens to the machine in between.
# Made for a GPU. Further flags go to the training, e.g. --fix-lr or --clean-split.

root="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)"
exec "$root/shell/resume.sh" "$root/train.sh" collatz run6 "$@"
