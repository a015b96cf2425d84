#!/bin/sh
# Formats the C++ code in place with clang-format 14, the version of Debian 12.
#   tools/format.sh            all files
#   tools/format.sh FILE …     these
#   tools/format.sh --check    changes nothing; fails, naming the places, when something would change
set -eu
cd "$(dirname -- "$0")/.."

check=''
if [ "${1-}" = --check ]; then
  check=1
  shift
fi

for formatter in clang-format-14 clang-format ''; do
  [ -n "$formatter" ] || { echo "format: clang-format 14 is missing; tools/install-deps.sh --ci installs it" >&2; exit 2; }
  command -v "$formatter" >/dev/null 2>&1 || continue
  case $("$formatter" --version) in *'version 14.'*) break ;; esac
done

if [ $# -eq 0 ]; then
  folders=''
  for folder in include src tests bench examples python; do
    [ ! -d "$folder" ] || folders="$folders $folder"
  done
  # shellcheck disable=SC2046,SC2086  # no path of ours holds spaces
  set -- $(find $folders -name '*.h' -o -name '*.cpp' | sort)
fi

if [ -n "$check" ]; then
  "$formatter" --dry-run -Werror "$@" || { echo "format: run tools/format.sh" >&2; exit 1; }
else
  "$formatter" -i "$@"
fi
