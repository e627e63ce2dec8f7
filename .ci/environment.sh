#!/bin/sh
# Makes the virtual environment that the Makefile works in:  environment.sh VENV [PYTHON]
#
# VENV is left alone when it works and has the asked-for version. Otherwise it is made from PYTHON, or else from the
# first of python3, python3.13, python3.12, python3.11 that is new enough. Debian keeps pip and the C headers of its
# python3 in further packages: where they are missing, their .deb is fetched and unpacked inside VENV, so that nothing
# has to be installed and no root is needed. VENV/build.env then holds what the build needs to find those headers.
set -eu
venv=$1
wanted=${2:-}
oldest=11

say() { printf 'phenojax: %s\n' "$*" >&2; }
fail() {
  say "$@"
  exit 1
}
minor() { "$1" -c 'import sys; print(sys.version_info.minor if sys.version_info.major == 3 else 0)' 2>/dev/null || echo 0; }

if [ -n "$wanted" ]; then
  found=$(minor "$wanted")
  [ "$found" -ge "$oldest" ] || fail "PYTHON=$wanted does not run, or is older than 3.$oldest"
  python=$wanted
else
  python=
  for candidate in python3 python3.13 python3.12 python3.11; do
    if [ "$(minor "$candidate")" -ge "$oldest" ]; then
      python=$candidate
      break
    fi
  done
fi

if [ -f "$venv/build.env" ]; then
  has=$(minor "$venv/bin/python")
  if [ "$has" -ge "$oldest" ] && { [ -z "$wanted" ] || [ "$has" = "$found" ]; }; then exit 0; fi
fi

[ -n "$python" ] || fail "no Python of 3.$oldest or newer found; install one, or name one: make PYTHON=/path/to/python3"
[ -n "${CXX:-}" ] || command -v g++ >/dev/null || command -v c++ >/dev/null || command -v clang++ >/dev/null ||
  fail "no C++ compiler found; on Debian: apt-get install g++"

if [ -d "$venv" ] && [ -n "$(ls -A "$venv")" ] && [ ! -f "$venv/pyvenv.cfg" ] && [ ! -d "$venv/debian" ]; then
  fail "$venv is in the way: it is no virtual environment; move it, or name another: make VENV=.venv-phenojax"
fi
rm -rf "$venv"
mkdir -p "$venv"
venv=$(cd "$venv" && pwd)
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
say "making ${venv##*/} with Python $version"

# unpack PACKAGE...: into VENV/debian
unpack() {
  hint="on Debian: apt-get install python3-venv python3-dev"
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || fail "$python lacks venv or its C headers; $hint"
  mkdir -p "$venv/debian"
  (cd "$venv/debian" && apt-get -qq download "$@" >/dev/null 2>&1) ||
    fail "$python lacks venv or its C headers, and apt-get could not fetch $*; $hint"
  for archive in "$venv"/debian/*.deb; do dpkg-deb -x "$archive" "$venv/debian"; done
  rm -f "$venv"/debian/*.deb
}

if "$python" -c 'import ensurepip' 2>/dev/null; then
  "$python" -m venv "$venv"
else
  "$python" -m venv --without-pip "$venv"
  unpack python3-pip-whl
  "$venv/bin/python" "$(echo "$venv"/debian/usr/share/python-wheels/pip-*.whl)/pip" install -qq pip
fi

settings="$venv/build.env.new"
: >"$settings"
if ! "$python" -c 'import os, sys, sysconfig; sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))'; then
  unpack "libpython$version-dev"
  include="$venv/debian/usr/include"
  cat >>"$settings" <<END
export CPATH='$include/python$version:$include'
export SKBUILD_CMAKE_DEFINE='Python_INCLUDE_DIR=$include/python$version'
END
fi
mv "$settings" "$venv/build.env"
