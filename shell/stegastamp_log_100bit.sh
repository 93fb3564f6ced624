#!/usr/bin/env bash
# The log's 100-bit baseline as it ran: eager, 140,000 steps, until it is done. --mode graph gives the same numbers in less time.

root="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)"
exec "$root/shell/resume.sh" "$root/train.sh" stegastamp log-100bit "$@"
