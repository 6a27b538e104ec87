#!/bin/sh
# Will a network start out linear on a data set of your own? Two classes of points in 20 dimensions, as .npy files; then the same question in a terminal,
# and a page in reports/inspect. Needs Python with NumPy for the files alone.
set -eu
python=${PYTHON:-python3}
"$python" - <<'PY'
import numpy as np

random = np.random.default_rng(1)
labels = np.sign(random.standard_normal(200))
inputs = random.standard_normal((200, 20)) + 0.3 * labels[:, None]
inputs -= inputs.mean(axis=0)
np.save("X.npy", inputs.astype("float32"))
np.save("y.npy", labels.astype("float32"))
PY
npx earlytime inspect --inputs X.npy --labels y.npy --activation erf --width 400 --steps 20
