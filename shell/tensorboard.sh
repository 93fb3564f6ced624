#!/usr/bin/env bash
# TensorBoard on the run folders: shell/tensorboard.sh [PORT] [FOLDER]     (6006, checkpoints)

port="${1:-6006}"
root="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." >/dev/null && pwd)"
folder="${2:-$root/checkpoints}"
if [[ ! "$port" =~ ^[0-9]+$ ]]; then
    echo "tensorboard.sh: PORT is a number, not '$port' (usage: shell/tensorboard.sh [PORT] [FOLDER])" >&2
    exit 2
fi
if [[ ! -d "$folder" ]]; then
    echo "tensorboard.sh: no folder $folder" >&2
    exit 2
fi
source "$root/shell/environment.sh" train || exit 2
exec "$longrun_python" -m tensorboard.main --logdir "$folder" --port "$port"
