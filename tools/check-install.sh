#!/bin/sh
# Installs build/release to a scratch prefix, builds examples/ against it with find_package, and searches with the result.
set -eu
cd "$(dirname -- "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
quietly() {
  "$@" >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; echo "check-install: failed: $*" >&2; exit 1; }
}

quietly cmake --install build/release --prefix "$scratch/prefix"
quietly cmake -S examples -B "$scratch/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$scratch/prefix"
quietly cmake --build "$scratch/build"

mkdir "$scratch/folder"
echo 'The lighthouse keeper rotates the lamp every night.' >"$scratch/folder/keeper.txt"
echo 'Bread rises faster in a warm kitchen.' >"$scratch/folder/bread.txt"
"$scratch/build/search" "$scratch/index" "$scratch/folder" 'who rotates the lamp' | tee "$scratch/found"
head -n 1 "$scratch/found" | grep -q 'keeper\.txt' || { echo 'check-install: keeper.txt is not the best hit' >&2; exit 1; }
if "$scratch/build/search" "$scratch/index" "$scratch/folder" 'submarine'; then
  echo 'check-install: a word that is nowhere was found' >&2
  exit 1
fi
if [ -x "$scratch/prefix/bin/tamis" ]; then
  "$scratch/prefix/bin/tamis" --help >/dev/null
fi
echo 'check-install: installed, found by find_package, searched'
