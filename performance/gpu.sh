#!/usr/bin/env bash
# What one GPU can tell, eight minutes at most by its limits (ten with PAIRS): tests marked gpu, four bits among them,
# attention, a step at 3B and 7B shape, asking.
#
#   performance/gpu.sh OUT [PYTHON]
#
# Every part has its own log and its own limit, so that one that fails leaves the others; OUT/summary.txt tells how each
# ended. Weights are random: nothing is fetched.
set -u
out=${1:?give a folder for the results}
python=${2:-python}
here=$(cd "$(dirname "$0")" && pwd)
if ! nvidia-smi >/dev/null 2>&1; then
  echo "there is no NVIDIA card here, which all of this needs" >&2
  exit 2
fi
mkdir -p "$out"
out=$(cd "$out" && pwd)
cd "$here/.." || exit 2
export PYTHONPATH=$PWD/src:$PWD/performance:$PWD HF_HUB_OFFLINE=1

part() { # name, seconds, command
  local name=$1 seconds=$2
  shift 2
  SECONDS=0
  timeout "$seconds" "$@" >"$out/$name.log" 2>&1
  echo "$name: exit code $?, $SECONDS s" | tee -a "$out/summary.txt"
}

step() { # name, shape, seconds, more
  local name=$1 shape=$2 seconds=$3
  shift 3
  part "$name" "$seconds" "$python" performance/train_step.py --shape "$shape" --device cuda --checkpoint --steps 3 \
    --json "$out/$name.json" "$@"
}

nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv | tee "$out/summary.txt"
part tests 90 "$python" -m pytest -q -m gpu tests/models
part attention 40 "$python" performance/attention.py --device cuda --json "$out/attention.json"
step step_3b 3b 100 --variants stock separate forest forest_cached
step step_7b 7b 150 --variants separate forest forest_cached
if [ -n "${PAIRS:-}" ]; then # a file of pairs, for grouped steps
  step grouped_3b 3b 120 --pairs "$PAIRS" --pool 16 --records 4 --variants forest grouped
fi
world=$(mktemp -d)
part world 30 "$python" -m avere world make --split balanced --clips 1 --seed 5 --out "$world"
part ask 40 "$python" -m avere ask --model tiny "$(find "$world" -name '*.mp4')" "What does the voice sound like?"
rm -r "$world"
