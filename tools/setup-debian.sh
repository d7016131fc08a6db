#!/usr/bin/env bash
# Installs what is missing to build (and, with "test", to test) on Debian 12 or 13.
#   tools/setup-debian.sh [build|test]
# Does nothing, within a fraction of a second, when everything is there. Exits 3 with the line to run when
# something is missing that only root can install.
set -euo pipefail
mode=${1:-build}
root=$(cd "$(dirname "$0")/.." && pwd)
toolchain=$root/.toolchain/emscripten-3.1.69 # git-ignored; used on Debian 12 only
oldest_emscripten=3.1.50

say() { printf '  %s\n' "$*" >&2; }
# Runs a line of shell as root; says so, and which line, when this user cannot.
as_root() {
  local log
  if [ "$(id -u)" = 0 ]; then set -- sh -c "$1"
  elif have sudo && sudo -n true 2>/dev/null; then set -- sudo -n sh -c "$1"
  else
    say 'That takes root. Run this line, then start again:'
    if have sudo; then echo "sudo sh -c '$1'" >&2; else echo "su -c '$1'" >&2; fi
    exit 3
  fi
  log=$(mktemp)
  if ! "$@" </dev/null >"$log" 2>&1; then
    tail -n 25 "$log" >&2
    say "That failed; its full output is in $log."
    exit 1
  fi
  rm -f "$log"
}
have() { command -v "$1" >/dev/null 2>&1; }

# The version stands in a file beside emcc, which is quicker to read than to ask emcc. A wrapper script has no such
# file beside it and is asked.
emcc_version() {
  have emcc || return 0
  local dir
  dir=$(dirname "$(readlink -f "$(command -v emcc)")")
  if [ -r "$dir/emscripten-version.txt" ]; then tr -d '" \n' <"$dir/emscripten-version.txt"
  else emcc --version | sed -nE '1s/.* ([0-9]+\.[0-9]+\.[0-9]+).*/\1/p'; fi
}
emcc_is_recent() {
  local version
  version=$(emcc_version)
  [ -n "$version" ] && [ "$(printf '%s\n' "$version" "$oldest_emscripten" | sort -V | head -n 1)" = "$oldest_emscripten" ]
}

[ -r /etc/os-release ] && . /etc/os-release
debian=
[ "${ID:-}" = debian ] && debian=${VERSION_ID:-}

# --- Debian packages -------------------------------------------------------------------------------------------------
packages=()
want() { packages+=("$@"); }
have cmake || want cmake
have ninja || want ninja-build
have python3 || want python3 # Emscripten's compiler driver is written in it
[ -e /usr/include/eigen3/Eigen/Core ] || want libeigen3-dev
[ -e /usr/include/nlohmann/json.hpp ] || want nlohmann-json3-dev
if ! emcc_is_recent; then
  if [ "$debian" = 12 ]; then # its own emscripten is 3.1.6, too old: see unpack_emscripten
    have clang-19 || want clang-19
    have wasm-ld-19 || want lld-19
    have llvm-ar-19 || want llvm-19
  elif [ -n "$debian" ]; then
    want emscripten
  fi
fi
if [ "$mode" = test ]; then
  have g++ || want g++
  [ -e /usr/src/googletest/googletest/src/gtest-all.cc ] || want googletest
  have clang-tidy-19 || want clang-tidy-19
  have clang-format-19 || want clang-format-19
  have chromium || want chromium
fi

if [ ${#packages[@]} -gt 0 ]; then
  if ! have apt-get; then
    say "Missing, and there is no apt-get here to install it: ${packages[*]} (Debian's names)." \
        "Install these your own way and start again."
    exit 3
  fi
  say "Debian packages to install: ${packages[*]}"
  as_root "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${packages[*]}"
fi

# --- Emscripten ------------------------------------------------------------------------------------------------------
# Debian 12: Debian 13's emscripten (all scripts) unpacked into a folder, on Debian 12's own LLVM 19. Its binaryen
# needs a newer C library, so that comes along into the same folder and only binaryen runs on it; the system is not
# touched, and root is not needed.
unpack_emscripten() {
  local stage=$root/.toolchain/stage uri options lib loader f name
  rm -rf "$stage"
  mkdir -p "$stage"/{apt/lists/partial,apt/cache/archives/partial,deb,glibc,bin}
  uri=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' | awk '$2 == "bookworm" && !uri { uri = $1 } END { print uri }')
  if [ -z "$uri" ]; then say "No Debian 12 archive among apt's sources, so Emscripten cannot be had from there."; exit 1; fi
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri trixie main" >"$stage/apt/trixie.list"
  options=(-o Dir::Etc::sourcelist="$stage/apt/trixie.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$stage/apt/lists"
           -o Dir::Cache="$stage/apt/cache" -o APT::Sandbox::User="$(id -un)")
  apt-get "${options[@]}" update -qq
  (cd "$stage/deb" && apt-get "${options[@]}" download -qq emscripten binaryen libc6 libstdc++6 libgcc-s1 node-acorn)
  # The LTO and PIC variants of the system libraries are two thirds of the package and not used.
  dpkg-deb --fsys-tarfile "$stage"/deb/emscripten_*.deb | tar x -C "$stage" --strip-components=3 \
    --exclude='*/lto*' --exclude='*/pic' --exclude=./usr/share/emscripten/test ./usr/share/emscripten
  dpkg-deb --fsys-tarfile "$stage"/deb/node-acorn_*.deb | tar x -C "$stage" --strip-components=3 ./usr/share/nodejs/acorn
  for f in binaryen libc6 libstdc++6 libgcc-s1; do dpkg -x "$stage/deb/${f}"_*.deb "$stage/glibc"; done
  # Only Debian's patched node looks into /usr/share/nodejs.
  mkdir -p "$stage/emscripten/node_modules"
  ln -sfn ../../nodejs/acorn "$stage/emscripten/node_modules/acorn"
  lib=$(echo "$stage"/glibc/usr/lib/*-linux-gnu*)
  loader=$(echo "$lib"/ld-linux-*.so.*)
  for f in "$stage"/glibc/usr/bin/wasm*; do
    name=$(basename "$f")
    printf '#!/bin/sh\nr=$(dirname "$(readlink -f "$0")")/../glibc/usr\nexec "$r/%s" --library-path "$r/%s" "$r/bin/%s" "$@"\n' \
      "${loader#"$stage"/glibc/usr/}" "${lib#"$stage"/glibc/usr/}" "$name" >"$stage/bin/$name"
    chmod +x "$stage/bin/$name"
  done
  cat >"$stage/emscripten/.emscripten" <<'CONFIG'
import os, shutil
LLVM_ROOT = '/usr/lib/llvm-19/bin'
BINARYEN_ROOT = os.path.dirname(os.path.dirname(os.path.realpath(os.environ['EM_CONFIG'])))
NODE_JS = shutil.which('node')
FROZEN_CACHE = True
CONFIG
  # Emscripten's scripts are CommonJS, whatever package.json of a folder above says.
  echo '{"type":"commonjs"}' >"$stage/package.json"
  rm -rf "$stage/deb" "$stage/apt"
  mv "$stage" "$toolchain" # last, so that an interrupted run leaves nothing half done behind
}

if ! emcc_is_recent; then
  if [ "$debian" = 12 ]; then
    if [ ! -x "$toolchain/emscripten/emcc" ]; then
      say "Unpacking Emscripten 3.1.69 into .toolchain (about 250 MB to download)"
      unpack_emscripten
    fi
  else
    say "No Emscripten >= $oldest_emscripten found. Install the Emscripten SDK (emsdk), put its emcc on PATH, and start again."
    exit 3
  fi
fi

# A node that is not Debian's does not find the acorn that Debian's emscripten package relies on.
if [ -d /usr/share/emscripten ] && [ -d /usr/share/nodejs/acorn ] && emcc_is_recent &&
   [ ! -e /usr/share/emscripten/node_modules/acorn ] &&
   [ "$(dirname "$(readlink -f "$(command -v emcc)")")" = /usr/share/emscripten ] &&
   ! echo "import 'acorn'" | (cd /usr/share/emscripten && node --input-type=module - >/dev/null 2>&1); then
  say "Showing Emscripten where its parser is"
  as_root "mkdir -p /usr/share/emscripten/node_modules && ln -s /usr/share/nodejs/acorn /usr/share/emscripten/node_modules/"
fi
