#!/bin/sh
# run.sh BUILD SECONDS [TARGET...]: fuzzes each target for that long on one core, from the kept corpus. What it learns
# goes to BUILD/corpus, and what it finds to BUILD/findings; the first finding ends it with status 1.
set -eu
build=$1
seconds=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || set -- genes graph hpoa matches obo obographs overlaps pack sets terms
mkdir -p "$build/findings"
for target in "$@"; do
  case $target in
  obo) dictionary=-dict=$here/obo.dict ;;
  obographs) dictionary=-dict=$here/json.dict ;;
  genes | hpoa) dictionary=-dict=$here/table.dict ;;
  *) dictionary= ;;
  esac
  mkdir -p "$build/corpus/$target"
  printf 'fuzzing %s for %s s\n' "$target" "$seconds"
  # shellcheck disable=SC2086  # without a dictionary there is no such argument
  if ! "$build/core_cpp/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 \
    -artifact_prefix="$build/findings/$target-" $dictionary "$build/corpus/$target" "$here/corpus/$target" \
    >"$build/$target.log" 2>&1; then
    cat "$build/$target.log" >&2
    exit 1
  fi
  grep DONE "$build/$target.log"
done
