#!/bin/sh
# Installs Debian's Chromium, unless one is there.
set -eu
if command -v chromium > /dev/null; then
  chromium --version
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends chromium > /dev/null
chromium --version
