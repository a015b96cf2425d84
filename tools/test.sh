#!/bin/sh
# Installs what is missing, builds the release preset and runs all tests.
set -eu
cd "$(dirname -- "$0")/.."
sh tools/install-deps.sh
exec cmake --workflow --preset release
