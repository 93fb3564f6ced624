#!/usr/bin/env bash
# The paper's run: 400 px, 100 bits, 140,000 steps, until it is done, whatever happens to the machine in between.
# Needs the official LPIPS weights once: python -m stegastamp lpips. Further flags go to the training, e.g. --images FOLDER.
#
# ./train.sh stegastamp paper --help shows the flags of the training.

# `sh stegastamp_paper.sh` is understood too: the rest is for bash.
[ -n "${BASH_VERSION-}" ] && ! shopt -qo posix || exec bash "$0" "$@"

root="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)"
if [[ "${1-}" == -h || "${1-}" == --help ]]; then
    sed -n '2,/^$/ s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
fi
exec "$root/shell/resume.sh" "$root/train.sh" stegastamp paper "$@"
