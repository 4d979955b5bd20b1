#!/usr/bin/env bash
# What one GPU can tell: tests marked gpu, attention, a step at 7B shape, one in four bits, asking, a step at 3B shape,
# records that share media, a small study by the command line. On an H200 the tests took 57 s, attention
# 54, the 7B step 141, asking 40, each way of the 3B step 40, each of the shared media 70 and the study 128.
#
#   performance/gpu.sh OUT [PYTHON]
#   PARTS="tests attention" performance/gpu.sh OUT      # some parts only
#   PAIRS=pairs.jsonl performance/gpu.sh OUT            # a file of pairs, for records that share media
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
export PYTHONPATH=$PWD/src:$PWD/performance:$PWD${PYTHONPATH:+:$PYTHONPATH} HF_HUB_OFFLINE=1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

part() { # name, seconds, command
  local name=$1 seconds=$2
  shift 2
  case " ${PARTS:-$name} " in *" $name "*) ;; *) return ;; esac
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

{
  nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv
  "$python" -c 'import torch, transformers; print("torch", torch.__version__, "transformers", transformers.__version__)'
} | tee "$out/summary.txt"
part tests 90 "$python" -m pytest -q -m gpu tests/models
part attention 60 "$python" performance/attention.py --device cuda --json "$out/attention.json"
step step_7b 7b 200 --variants separate forest forest_cached
step four_bits_3b 3b 120 --variants forest --quantise nf4
part world 30 "$python" -m avere world make --split balanced --clips 1 --seed 5 --out "$scratch/world"
part ask 60 "$python" -m avere ask --model tiny "$scratch"/world/*/*.mp4 "What does the voice sound like?"
step step_3b 3b 240 --variants stock separate forest
if [ -n "${PAIRS:-}" ]; then
  step grouped_3b 3b 360 --pairs "$PAIRS" --pool 24 --records 4 --variants forest grouped forest_cached grouped_cached
fi
part study 240 "$python" -m avere demo --out "$scratch/study" --json "$out/study.json" --set records=64 \
  --set pairs.clips=40 --set pairs.identities=8 --set test.clips=20 --set test.identities=8
