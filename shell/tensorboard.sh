#!/usr/bin/env bash
# TensorBoard on the run folders.
#
#     shell/tensorboard.sh [PORT] [FOLDER] [--flags of TensorBoard]     (6006, checkpoints)
#     shell/tensorboard.sh --bind_all                                   also for other machines

# `sh tensorboard.sh` is understood too: the rest is for bash.
[ -n "${BASH_VERSION-}" ] && ! shopt -qo posix || exec bash "$0" "$@"

root="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)"
if [[ "${1-}" == -h || "${1-}" == --help ]]; then
    sed -n '2,/^$/ s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
    exit 0
fi
port=6006
folder="$root/checkpoints"
if [[ $# -gt 0 && "$1" != -* ]]; then
    port="$1"
    shift
fi
if [[ $# -gt 0 && "$1" != -* ]]; then
    folder="$1"
    shift
fi
if [[ ! "$port" =~ ^[0-9]+$ ]]; then
    echo "tensorboard.sh: PORT is a number, not '$port' (usage: shell/tensorboard.sh [PORT] [FOLDER] [--flags of TensorBoard])" >&2
    exit 2
fi
if [[ ! -d "$folder" ]]; then
    echo "tensorboard.sh: no folder $folder" >&2
    exit 2
fi
source "$root/shell/environment.sh" train || exit 2
exec "$longrun_python" -m tensorboard.main --logdir "$folder" --port "$port" "$@"
