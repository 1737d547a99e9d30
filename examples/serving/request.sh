#!/bin/sh
# A picture by curl, as a PNG: sh examples/serving/request.sh [http://localhost:8501] [mnist] [seed]
set -eu
url=${1:-http://localhost:8501} model=${2:-mnist} seed=${3:-0}
curl --silent --show-error --fail "$url/v1/models/$model:predict" \
  --data "{\"signature_name\": \"generate_png\", \"inputs\": {\"num_samples\": 1, \"seed\": $seed}}" |
  sed -n 's/.*"b64": *"\([^"]*\)".*/\1/p' | base64 --decode >"$model-$seed.png"
echo "$model-$seed.png"
