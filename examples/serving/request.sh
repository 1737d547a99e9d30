#!/bin/sh
# A picture by curl, as a PNG: sh examples/serving/request.sh [http://localhost:8501] [digits] [seed]
set -eu
url=${1:-http://localhost:8501} model=${2:-digits} seed=${3:-0}
picture=$model-$seed.png
# not a pipe: it would end as its last part does
if ! answer=$(curl --silent --show-error --fail-with-body "$url/v1/models/$model:predict" \
  --data "{\"signature_name\": \"generate_png\", \"inputs\": {\"num_samples\": 1, \"seed\": $seed}}"); then
  printf '%s\n' "$answer" >&2
  exit 1
fi
encoded=$(printf '%s\n' "$answer" | sed -n 's/.*"b64": *"\([^"]*\)".*/\1/p')
if [ -z "$encoded" ] || ! printf '%s' "$encoded" | base64 --decode >"$picture.part"; then
  rm -f "$picture.part"
  echo "no picture in the answer: $answer" >&2
  exit 1
fi
mv "$picture.part" "$picture"
echo "$picture"
