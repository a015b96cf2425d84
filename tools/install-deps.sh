#!/bin/sh
# Installs the Debian packages that Tamis needs; only those that are missing. Needs root, or sudo.
#   tools/install-deps.sh         to build, test and run
#   tools/install-deps.sh --ci    also what .ci/run needs
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
lists="$here/debian-packages.txt"
case "${1-}" in
  '') ;;
  --ci) lists="$lists $here/debian-packages-ci.txt" ;;
  *)
    echo "usage: tools/install-deps.sh [--ci]" >&2
    exit 2
    ;;
esac

say() { echo "install-deps: $*"; }
fail() {
  echo "install-deps: $*" >&2
  exit 1
}

# shellcheck disable=SC2086  # the lists are two words
packages=$(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' $lists | sort -u)

command -v dpkg-query >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1 ||
  fail "this is no Debian system (no apt-get). Install what these Debian packages hold by hand:" $packages

missing=''
for package in $packages; do
  state=$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null || true)
  case $state in
    ii*) ;;
    *) missing="$missing $package" ;;
  esac
done
if [ -z "$missing" ]; then
  say "all packages are there"
  exit 0
fi

if [ "$(id -u)" -eq 0 ]; then
  as_root=''
elif command -v sudo >/dev/null 2>&1; then
  as_root='sudo'
else
  fail "needs root and there is no sudo. As root run: apt-get update && apt-get install --no-install-recommends$missing"
fi

update() {
  say "fetching the package lists"
  $as_root apt-get update -q || fail "apt-get update failed: is the network up, are the sources in /etc/apt right?"
}
install() {
  # env, because sudo does not pass variables on
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
}
known() {
  for package in $missing; do
    apt-cache show "$package" >/dev/null 2>&1 || return 1
  done
}

say "installing:$missing"
if ! known; then
  update
  known || for package in $missing; do
    apt-cache show "$package" >/dev/null 2>&1 || fail "no package '$package' in the sources of /etc/apt (Debian 12 has it in main)"
  done
  install || fail "apt-get install failed, see above"
elif ! install; then
  # The lists may be old and name versions that are gone.
  update
  install || fail "apt-get install failed, see above"
fi
say "done"
