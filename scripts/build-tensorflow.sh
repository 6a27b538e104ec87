#!/bin/sh
# Builds the native binding of @tensorflow/tfjs-node-gpu against the libraries of TensorFlow's Python wheel.
#
# The npm package downloads libtensorflow while it is installed. Where that download fails but npm and PyPI can be
# reached, the Python wheel of TensorFlow holds the same C API: this script takes the headers and the two libraries
# from it, compiles the binding, whose sources the npm package carries, and multiplies two matrices to prove it.
#
#   cd <the project's root> && sh build-tensorflow.sh
#
# Needs Linux with glibc, Node 20 or newer with npm, a C++17 compiler, make, Python 3 with pip, and about 1.5 GB of
# disk (2.5 GB for the wheel 'tensorflow', 9 GB with CUDA). Nothing is installed outside node_modules. It may be run
# again at any time: what is there is kept, what is missing or was made for other settings or sources is made anew.
# 'npm ci' removes everything it made: run it again after that. To undo it: rm -rf node_modules/@tensorflow/tfjs-node-gpu
#
# Without a network: on a machine that has one, 'npm ci --ignore-scripts' keeps the package's sources in node_modules,
# and 'pip download --no-deps tensorflow-cpu==2.20.0' fetches the wheel. Copy both; there, with the headers of Node,
#
#   TENSORFLOW_WHEEL=<the wheel> NODE_HEADERS=<a folder with include/node> sh build-tensorflow.sh
#
# fetches nothing. For CUDA the wheel is that of 'tensorflow', and CUDA's libraries must be installed.
#
# Settings, all from the environment:
#   TENSORFLOW_WHEEL    tensorflow-cpu (default), tensorflow (runs on an NVIDIA GPU where CUDA is found, else on the
#                       CPU; on ARM it is the only one), or the path of a wheel that is already here
#   TENSORFLOW_VERSION  version of the wheel; default 2.20.0
#   TENSORFLOW_CUDA     1: also put NVIDIA's CUDA libraries, as the wheel 'tensorflow' wants them, beside it (3 GB
#                       to download); without it they must be where the dynamic linker looks. The driver is never
#                       included
#   TFJS_VERSION        version of @tensorflow/tfjs-node-gpu, where it is to be installed; default: that of the
#                       project's @tensorflow/tfjs-core, else 4.22.0
#   NODE_HEADERS        folder with include/node/node_api.h; default: where this Node is installed
#   PYTHON              default python3
set -eu

wheel=${TENSORFLOW_WHEEL:-tensorflow-cpu}
version=${TENSORFLOW_VERSION:-2.20.0}
cuda=${TENSORFLOW_CUDA:-0}
python=${PYTHON:-python3}
name=@tensorflow/tfjs-node-gpu

step() { printf '\n* %s\n' "$*" >&2; }
fail() { # what failed, what to do
  printf '\nbuild-tensorflow: %s\n  %s\n' "$1" "$2" >&2
  exit 1
}
need() { command -v "$1" >/dev/null 2>&1 || fail "'$1' was not found" "$2"; }

[ -f package.json ] || fail "there is no package.json in $PWD" "Run this in the root of the project that is to use TensorFlow."
[ "$(uname -s)" = Linux ] || fail "this works on Linux only" "Elsewhere, let npm install $name download its own library."
case $(pwd -P) in
  *' '*) fail "the path '$(pwd -P)' has a space in it, which node-gyp cannot build in" 'Move the project.' ;;
esac
need node 'Install Node 20 or newer.'
need npm 'Install npm.'
need make 'Install a C++ toolchain (Debian: apt-get install build-essential).'
need "${CXX:-g++}" 'Install a C++ toolchain (Debian: apt-get install build-essential), or name the compiler in CXX.'
need "$python" 'Install Python 3 (Debian: apt-get install python3 python3-pip), or name it in PYTHON.'

# 1. The npm package, without its install script: that is the download which fails.
package=$PWD/node_modules/$name
[ -f "$package/binding.gyp" ] || {
  core=$(node -p "require('./node_modules/@tensorflow/tfjs-core/package.json').version" 2>/dev/null || echo 4.22.0)
  tfjs=${TFJS_VERSION:-$core}
  step "Installing $name@$tfjs from npm, without its install script"
  npm install --no-save --ignore-scripts --no-audit --no-fund "$name@$tfjs" >&2 ||
    fail "npm could not install $name@$tfjs" 'See its message above; the registry must be reachable.'
  [ -f "$package/binding.gyp" ] || fail "npm left no sources in $package" "Install $name by hand with --ignore-scripts, then run this again."
}
package=$(cd "$package" && pwd -P)

# 2. Headers and libraries out of the wheel.
case $wheel in
  *.whl)
    [ -f "$wheel" ] || fail "there is no file $wheel" 'Name an existing wheel, or tensorflow-cpu, or tensorflow, in TENSORFLOW_WHEEL.'
    wanted=$(basename "$wheel")
    ;;
  *) wanted="$wheel==$version" ;;
esac
case $cuda$wanted in
  1tensorflow[-_]cpu*) fail "$wanted does not use CUDA" 'TENSORFLOW_CUDA=1 goes with TENSORFLOW_WHEEL=tensorflow.' ;;
esac
deps=$package/deps
work=$package/deps.tmp
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

if [ "$(cat "$deps/wheel" 2>/dev/null)" = "$wanted" ]; then
  step "The libraries of $wanted are there already"
else
  rm -rf "$work"
  mkdir -p "$work/lib"
  file=$wheel
  if [ "$wanted" != "$(basename "$wheel")" ]; then
    "$python" -m pip --version >/dev/null 2>&1 ||
      fail "$python has no pip" 'Install it (Debian: apt-get install python3-pip), or download the wheel and name its path in TENSORFLOW_WHEEL.'
    step "Downloading $wanted from PyPI"
    # Any Python's wheel will do, for only its C++ libraries are used: so one, whatever the Python here.
    "$python" -m pip download --no-deps --only-binary=:all: --python-version 3.11 --disable-pip-version-check \
      --dest "$work" "$wanted" >&2 ||
      fail "pip could not download $wanted" 'Is the package index reachable, is there such a version, and has it a wheel for this machine (TENSORFLOW_WHEEL=tensorflow on ARM)?'
    file=$(ls "$work"/*.whl)
  fi
  step "Unpacking headers and libraries of $(basename "$file")"
  "$python" - "$file" "$work" <<'PYTHON' || fail "$(basename "$file") could not be unpacked" 'See the message above: is the disk full, is this a wheel of TensorFlow 2.15 or newer?'
import os, shutil, sys, zipfile

file, work = sys.argv[1:]
libraries = {'tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2'}
headers = ('tensorflow/include/tensorflow/', 'tensorflow/include/tsl/', 'tensorflow/include/xla/')

def unpack(wheel):
    names = set(wheel.namelist())
    if libraries - names:
        sys.exit(f'{file} lacks {", ".join(sorted(libraries - names))}')
    for name in names:
        if name in libraries:
            target = f'{work}/lib/{os.path.basename(name)}'
        elif name.startswith(headers) and name.endswith('.h'):
            target = f'{work}/{name[len("tensorflow/"):]}'
        elif name.endswith('.dist-info/METADATA'):
            target = f'{work}/METADATA'
        else:
            continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with wheel.open(name) as source, open(target, 'wb') as sink:
            shutil.copyfileobj(source, sink, 1 << 20)

try:
    with zipfile.ZipFile(file) as wheel:
        unpack(wheel)
except (OSError, zipfile.BadZipFile) as error:
    sys.exit(f'{file}: {error}')
PYTHON
  # The names that binding.gyp links against.
  ln -s libtensorflow_cc.so.2 "$work/lib/libtensorflow.so"
  ln -s libtensorflow_framework.so.2 "$work/lib/libtensorflow_framework.so"
  rm -f "$work"/*.whl
  printf '%s\n' "$wanted" >"$work/wheel"
  rm -rf "$deps" "${package:?}/lib"
  mv "$work" "$deps"
fi

# The libraries look for CUDA in ../nvidia/*/lib, so that is where it goes.
if [ "$cuda" = 1 ] && [ ! -d "$deps/nvidia" ]; then
  wants=$(sed -n "s/^Requires-Dist: *\(nvidia-[^;]*[^; ]\) *; *extra == [\"']and-cuda[\"'].*/\1/p" "$deps/METADATA" | tr -d ' ()' | tr '\n' ' ')
  [ -n "$wants" ] || fail "$wanted names no CUDA packages" 'TENSORFLOW_CUDA=1 goes with TENSORFLOW_WHEEL=tensorflow.'
  step "Adding CUDA: $wants"
  rm -rf "$work"
  # shellcheck disable=SC2086 # one word per package
  "$python" -m pip install --no-deps --only-binary=:all: --disable-pip-version-check --target "$work" $wants >&2 ||
    fail 'pip could not fetch the CUDA packages' 'See its message above, or leave TENSORFLOW_CUDA out and install CUDA and cuDNN on the system.'
  mv "$work/nvidia" "$deps/nvidia"
fi

# 3. The binding. The package itself says where it looks for it.
binding=$(cd "$package" && node -p "require('@mapbox/node-pre-gyp').find(require('path').resolve('package.json'))")
folder=$(dirname "$binding")
stale=$(find "$package/binding" "$deps/wheel" -newer "$binding" 2>/dev/null | head -n 1)
if [ -f "$binding" ] && [ -z "$stale" ]; then
  step 'The binding is there already'
else
  headers=${NODE_HEADERS:-$(node -p "require('path').resolve(require('fs').realpathSync(process.execPath), '../..')")}
  if [ -f "$headers/include/node/node_api.h" ]; then
    set -- "--nodedir=$headers"
  else
    [ -z "${NODE_HEADERS:-}" ] || fail "there is no include/node/node_api.h in $headers" 'Correct NODE_HEADERS.'
    step "No headers of Node in $headers: node-gyp will download them (or install them and set NODE_HEADERS)"
    set --
  fi
  gyp=$(npm root -g 2>/dev/null)/npm/node_modules/node-gyp/bin/node-gyp.js
  step 'Compiling the binding'
  (
    cd "$package"
    run() { if [ -f "$gyp" ]; then node "$gyp" "$@"; else npx --yes node-gyp "$@"; fi; }
    run rebuild --python="$(command -v "$python")" "$@" --module_name="$(basename "$binding" .node)" \
      --module_path="$folder" --napi_build_version="${folder##*napi-v}" >build.log 2>&1
  ) || {
    tail -n 40 "$package/build.log" >&2
    fail 'node-gyp could not compile the binding' "See the end of its log above, all of it in $package/build.log. Compiler, make, Python and Node's headers are what it needs."
  }
  [ -f "$binding" ] || fail "node-gyp left no $binding" "See $package/build.log."
  rm -rf "$package/build" "$package/build.log"
fi

# 4. The proof.
step 'Checking: loading the package and multiplying two matrices'
TF_CPP_MIN_LOG_LEVEL=${TF_CPP_MIN_LOG_LEVEL:-1} node -e '
  const util = require("util");
  // tfjs-node calls this helper, which Node 23 removed.
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  const tf = require(process.argv[1]);
  const product = tf.matMul(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor2d([[5, 6], [7, 8]]));
  const { binding, isUsingGpuDevice } = tf.backend();
  console.log("Node %s, tfjs %s, TensorFlow %s, %s", process.version, tf.version.tfjs, binding.TF_Version, isUsingGpuDevice ? "GPU" : "CPU");
  console.log("[1 2; 3 4] x [5 6; 7 8] = %j", product.arraySync());
  if (tf.getBackend() !== "tensorflow" || product.dataSync().join() !== "19,22,43,50") process.exit(1);
' "$package" || fail 'the binding was built but does not work' "See the message above. To begin anew: rm -rf '$deps' '$package/lib', then run this again, perhaps with another TENSORFLOW_VERSION."
step "Done: $binding"
