#!/usr/bin/env bash
# Installs the Debian packages Lumiere needs, and only those that are missing.
#
#   scripts/setup.sh run     what `make run` needs: compile, serve, decode, and make the demo media
#   scripts/setup.sh test    what `make test` needs on top: stock clients and servers for the tests
set -euo pipefail

tier="${1:-run}"
here="$(cd "$(dirname "$0")" && pwd)"

build=(git ca-certificates build-essential pkg-config libsqlite3-dev zlib1g-dev libssl-dev libpq-dev libhiredis-dev
  libvips-dev libexif-dev libraw-dev libavformat-dev libavcodec-dev libavutil-dev libswscale-dev)
# Fonts draw watermarks; the others make the fixtures that the demo shows.
media=(fonts-dejavu-core fonts-noto-cjk ffmpeg libvips-tools libimage-exiftool-perl
  python3 python3-numpy curl)
clients=(postgresql redis-server chromium python3-venv python3-pip)

packages=("${build[@]}" "${media[@]}")
[ "$tier" = test ] && packages+=("${clients[@]}")

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
