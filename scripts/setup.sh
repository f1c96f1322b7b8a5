#!/usr/bin/env bash
# Installs the Debian packages Lumiere needs, and only those that are missing.
#
#   scripts/setup.sh build   what compiling needs, and no more
#   scripts/setup.sh run     what `make run` needs on top: serve, decode, and make the demo media
#   scripts/setup.sh stack   what `make stack` needs on top of build: the servers a fleet stands on
#   scripts/setup.sh test    what `make test` needs: all of these and stock clients
#   scripts/setup.sh bench   what `make bench-realtime` needs: the same and its peers
set -euo pipefail

tier="${1:-run}"
here="$(cd "$(dirname "$0")" && pwd)"

build=(git ca-certificates build-essential pkg-config libsqlite3-dev zlib1g-dev libdeflate-dev libssl-dev libpq-dev libhiredis-dev
  libvips-dev libexif-dev libraw-dev libavformat-dev libavcodec-dev libavutil-dev libswscale-dev libswresample-dev)
# For watermarks.
fonts=(fonts-dejavu-core fonts-noto-cjk)
# These make the fixtures that the demo shows.
media=(ffmpeg libvips-tools libimage-exiftool-perl python3 python3-numpy curl)
servers=(postgresql redis-server nginx python3 python3-venv curl)
# Browsers, certificates, an S3 server of another make, QR codes of another make, what measures servers, and what the rarer fixtures are made with.
clients=(chromium firefox-esr nodejs openssl python3-swift python3-pip unzip qrencode zbar-tools wrk)
# WebSocket servers to measure beside: node's ws, and what uWebSockets' package for Python needs.
peers=(node-ws libuv1)

packages=("${build[@]}")
case "$tier" in
  build) ;;
  run) packages+=("${fonts[@]}" "${media[@]}") ;;
  stack) packages+=("${fonts[@]}" "${servers[@]}") ;;
  test) packages+=("${fonts[@]}" "${media[@]}" "${servers[@]}" "${clients[@]}") ;;
  bench) packages+=("${fonts[@]}" "${media[@]}" "${servers[@]}" "${clients[@]}" "${peers[@]}") ;;
  *) echo "usage: scripts/setup.sh build|run|stack|test|bench" >&2; exit 2 ;;
esac

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done

if [ ${#missing[@]} -gt 0 ]; then
  echo "setup: installing ${missing[*]}"
  sudo=""
  [ "$(id -u)" -eq 0 ] || sudo="sudo"
  $sudo apt-get -o DPkg::Lock::Timeout=300 update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "${missing[@]}"
fi

if ! command -v swift >/dev/null; then
  echo "setup: Swift 6.3 is needed and was not found on PATH; see https://www.swift.org/install/linux/" >&2
  exit 1
fi

echo "setup: ready ($tier, $(cd "$here/.." && swift --version 2>/dev/null | head -1))"
