#!/bin/sh
# The Python kit's tests, and an audit of each Python subject in a virtual environment of its own.
set -eu
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
subjects=fixtures/subjects/python

environment() { # name, requirements
  python3 -m venv "$root/$1"
  "$root/$1/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$subjects/requirements-$2.txt"
  "$root/$1/bin/pip" install --quiet --disable-pip-version-check --no-deps ./adapters/python
}
audit() { # environment, claims, program with arguments
  environment=$1
  claims=$2
  shift 2
  echo "::: audit $*"
  # shellcheck disable=SC2086 # one word per claim
  npx earlytime audit $claims --out "reports/audit-$environment" -- "$root/$environment/bin/python" "$subjects/$@"
}

environment numpy numpy
"$root/numpy/bin/pip" install --quiet --disable-pip-version-check pytest jsonschema
(cd adapters/python && "$root/numpy/bin/pytest" -q -p no:cacheprovider)
audit numpy 'laws hu2020/first-layer-certificate hu2020/first-layer-training' numpy_subject.py

environment neural-tangents neural-tangents
for implementation in JACOBIAN_CONTRACTION NTK_VECTOR_PRODUCTS STRUCTURED_DERIVATIVES; do
  audit neural-tangents 'laws/kernel laws/training' neural_tangents_subject.py "$implementation" float32
done
audit neural-tangents laws neural_tangents_subject.py JACOBIAN_CONTRACTION float64

environment torch torch
audit torch laws torch_subject.py float32
