#!/usr/bin/env bash
# The paper's run: 400 px, 100 bits, 140,000 steps, until it is done, whatever happens to the machine in between.
# Needs the official LPIPS weights once: python -m stegastamp lpips. Further flags go to the training, e.g. --images FOLDER.

root="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)"
exec "$root/shell/resume.sh" "$root/train.sh" stegastamp paper "$@"
