#!/bin/sh
# Software Vulkan for the WebGPU backend: Mesa 24 or newer, from Debian's backports where the release itself has an older one.
set -eu
export DEBIAN_FRONTEND=noninteractive
new_enough() {
  v=$(dpkg-query -W -f='${db:Status-Abbrev}${Version}' mesa-vulkan-drivers 2>/dev/null) || return 1
  case $v in ii*) dpkg --compare-versions "${v#ii }" ge 24 ;; *) return 1 ;; esac
}
targets() { apt-get indextargets --format '$(ORIGIN)|$(CODENAME)|$(COMPONENT)|$(REPO_URI)' 'Created-By: Packages'; }
if ! new_enough; then
  . /etc/os-release
  suite=$VERSION_CODENAME-backports
  # indextargets lists only indexes that were downloaded.
  apt-get update -q || true
  if ! targets | grep -q "|$suite|main|"; then
    # The mirror is the one that the machine's own configuration names.
    uri=$(targets | awk -F'|' -v c="$VERSION_CODENAME" '$1=="Debian" && $2==c && $3=="main" {print $4; exit}')
    [ -n "$uri" ] || { echo "no apt source of this machine serves Debian $VERSION_CODENAME main" >&2; exit 1; }
    key=/usr/share/keyrings/debian-archive-keyring.gpg
    {
      echo 'Types: deb'
      echo "URIs: $uri"
      echo "Suites: $suite"
      echo 'Components: main'
      [ ! -e "$key" ] || echo "Signed-By: $key"
    } > /etc/apt/sources.list.d/backports-for-lavapipe.sources
    apt-get update -q
  fi
  apt-get install -qy --no-install-recommends -t "$suite" mesa-vulkan-drivers libvulkan1
  new_enough || { echo 'mesa-vulkan-drivers is still too old' >&2; exit 1; }
fi
dpkg-query -W mesa-vulkan-drivers libvulkan1
