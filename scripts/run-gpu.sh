#!/bin/sh
# Runs earlytime on the GPU of this machine, from the kit alone: nothing is installed, nothing is fetched.
#
#   sh run-gpu.sh [folder for the reports] [step…]
#
# Steps, in this order, all of them by default: doctor laws claims quick kernel training small norm largest. Each has a time limit of its own and keeps its output in the
# folder (gpu-report by default); a step that fails does not stop the next. EARLYTIME_LIMIT=<factor> stretches all limits. Exits with 1 when a step failed.
set -u

here=$(cd "$(dirname "$0")" && pwd)
out=${1:-gpu-report}
[ $# -gt 0 ] && shift
mkdir -p "$out"
out=$(cd "$out" && pwd)

# 1. Unpack, beside the archive or, where that cannot be written, in a temporary folder.
home=$here/unpacked
if [ ! -x "$home/bin/node" ] || [ "$here/payload.tar.xz" -nt "$home/ready" ]; then
  rm -rf "$home" 2>/dev/null
  mkdir -p "$home" 2>/dev/null || home=$(mktemp -d)
  if command -v xz >/dev/null 2>&1; then
    tar -C "$home" -xJf "$here/payload.tar.xz"
  elif command -v python3 >/dev/null 2>&1; then
    python3 -c 'import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])' "$here/payload.tar.xz" "$home"
  else
    false
  fi || { echo 'run-gpu: the payload could not be unpacked: xz or python3 is needed, and 400 MB of disk' >&2; exit 2; }
  touch "$home/ready"
fi
node=$home/bin/node
"$node" --version >/dev/null || { echo 'run-gpu: Node does not start here: Linux on x86-64 with glibc 2.28 or newer is needed' >&2; exit 2; }

# 2. The Vulkan loader of the machine, or else the kit's; and libraries that the driver wants and the machine lacks.
mkdir -p "$out/lib"
ldconfig -p >"$out/libraries.txt" 2>/dev/null
for library in "$home"/lib/*.so.*; do
  grep -qF "$(basename "$library" | sed 's/\(\.so\.[0-9]*\).*/\1/') " "$out/libraries.txt" || cp -P "$library" "$out/lib"
done
# After those of the machine, whatever it names already.
export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$out/lib"
echo "libraries from the kit: $(cd "$out/lib" && ls | grep 'so\.[0-9]*$' | tr '\n' ' ')"

# 3. The driver. Outside the folders where the loader looks it has to be named.
if [ -z "${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ]; then
  icd=$(find /etc/vulkan /usr/share/vulkan /usr/local /usr/lib /opt -name 'nvidia_icd*.json' 2>/dev/null | head -n 1)
  library=$(sed -n 's/.*=> \(.*libGLX_nvidia\.so\.0\)$/\1/p' "$out/libraries.txt" | head -n 1)
  if [ -z "$icd" ] && [ -n "$library" ]; then
    # The driver was mounted without its description, as containers do.
    icd=$out/nvidia_icd.json
    printf '{"file_format_version":"1.0.1","ICD":{"library_path":"%s","api_version":"1.3.0"}}\n' "$library" >"$icd"
  fi
  if [ -n "$icd" ]; then
    export VK_DRIVER_FILES="$icd" VK_ICD_FILENAMES="$icd"
  else
    echo "Vulkan driver: none of NVIDIA's found (a container needs NVIDIA_DRIVER_CAPABILITIES=graphics or all); the loader takes what it finds"
  fi
fi
echo "Vulkan driver: ${VK_DRIVER_FILES:-${VK_ICD_FILENAMES:-the default}}"
command -v nvidia-smi >/dev/null 2>&1 && nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv | tee "$out/gpu.csv"

# 4. The steps.
cd "$home" || exit 2
cli=$home/dist/src/cli.js
factor=${EARLYTIME_LIMIT:-1}
failed=0
running=
# What is running ends with this script.
trap '[ -z "$running" ] || kill "$running"; exit 130' INT TERM
: >"$out/summary.txt"
wanted=" ${*:-doctor laws claims quick kernel training small norm largest} "
step() { # name, seconds, command
  name=$1
  limit=$(($2 * factor))
  shift 2
  case $wanted in *" $name "*) ;; *) return ;; esac
  printf '\n::: %s, at most %s s\n' "$name" "$limit"
  start=$(date +%s)
  timeout -k 10 "$limit" "$@" >"$out/$name.log" 2>&1 &
  running=$!
  wait "$running"
  code=$?
  running=
  grep -v '^Warning: maxDynamic' "$out/$name.log"
  case $code in
    0) result=passed ;;
    124 | 137) result='cut short at its time limit' ;;
    *) result="exit $code" ;;
  esac
  [ "$code" = 0 ] || failed=1
  printf '%-9s %s, %s s\n' "$name" "$result" $(($(date +%s) - start)) | tee -a "$out/summary.txt"
}

# Cases are bound by the processor that sends their commands: several processes share the GPU.
workers=$(($(nproc) / 2))
[ "$workers" -ge 1 ] || workers=1
[ "$workers" -le 8 ] || workers=8

step doctor 60 "$node" "$cli" doctor
step laws 300 "$node" "$cli" verify laws --backend webgpu --workers "$workers" --out "$out/laws"
# One claim of each computation: kernels, a certificate, training, layers, flow of linear networks and of neurons.
step claims 300 "$node" "$cli" verify hu2020/first-layer-kernel hu2020/second-layer-kernel hu2020/first-layer-certificate \
  hu2020/first-layer-training hu2020/deep-kernel-finite atanasov2022/time-scales min2024/alignment-time \
  --backend webgpu --workers "$workers" --out "$out/claims"
step quick 900 "$node" "$cli" verify --backend webgpu --workers "$workers" --out "$out/quick"
# Against WASM; norms without n×n matrices, and kernels up to the largest that fits, on the GPU alone.
for section in kernel training small; do step "$section" 300 "$node" "$home/dist/bench/gpu.js" "$section"; done
for section in norm largest; do step "$section" 300 "$node" "$home/dist/bench/gpu.js" "$section" webgpu; done

printf '\n'
cat "$out/summary.txt"
echo "reports: $out"
exit "$failed"
