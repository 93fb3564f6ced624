#!/usr/bin/env bash
# The log's 100-bit baseline as it ran: eager, 140,000 steps, until it is done. --mode graph gives the same numbers in less time.
#
# ./train.sh stegastamp log-100bit --help shows the flags of the training.

# `sh stegastamp_log_100bit.sh` is understood too: the rest is for bash.
[ -n "${BASH_VERSION-}" ] && ! shopt -qo posix || exec bash "$0" "$@"

root="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)"
if [[ "${1-}" == -h || "${1-}" == --help ]]; then
    sed -n '2,/^$/ s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
fi
exec "$root/shell/resume.sh" "$root/train.sh" stegastamp log-100bit "$@"
