#!/usr/bin/env bash
# Writes envoy.txt and istio-RELEASE.txt: the messages of Envoy and Istio as the Go modules that the releases of Istio are built with
# declare them. To be run by hand, with Go installed, when a release is added or raised; everything else is generated from its output.
# With an argument, only that release of Istio is described: run.sh 1.31
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
envoy=v1.38.0
contrib=v1.36.1-0.20260729145720-a2d8c7492908
declare -A istio=([1.29]=v1.29.6 [1.30]=v1.30.3-0.20260710004328-2e43f07b30b6 [1.31]=v1.31.0)
planes=github.com/envoyproxy/go-control-plane
# Some of Istio's extensions are declared twice, by Istio and by Envoy.
export GOLANG_PROTOBUF_REGISTRATION_CONFLICT=ignore
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# link FOLDER VERSION PATTERN...: a program that describes these packages, with that version of istio.io/api.
link() {
  mkdir "$work/$1"
  cd "$work/$1"
  cp "$here/main.go" .
  go mod init describe
  go get "$planes/envoy@$envoy" "$planes/contrib@$contrib" "istio.io/api@$2" github.com/cncf/xds/go
  {
    echo 'package main'
    echo 'import ('
    # Stackdriver and metadata exchange are declared twice, by Istio and by Envoy's contrib.
    go list -e "${@:3}" |
      grep -vE '/envoy/(service|annotations)/|stackdriver|/watchdog/|go-control-plane/.*/v[12][a-z0-9]*$' | sed 's/.*/_ "&"/'
    echo ')'
  } >types.go
  go mod tidy
  go build -o describe .
}

for release in ${1:-${!istio[@]}}; do
  link "istio-$release" "${istio[$release]}" istio.io/api/networking/... istio.io/api/security/v1beta1 istio.io/api/telemetry/v1alpha1 \
    istio.io/api/mesh/v1alpha1 istio.io/api/extensions/v1alpha1
  ./describe istio.networking. istio.security. istio.telemetry. istio.mesh. istio.extensions. istio.type. >"$here/istio-$release.txt"
done
[ $# -eq 0 ] || exit 0

link envoy "${istio[1.30]}" "$planes/envoy/..." "$planes/contrib/envoy/..." github.com/cncf/xds/go/udpa/type/... \
  github.com/cncf/xds/go/xds/type/... istio.io/api/envoy/...
./describe envoy.admin. envoy.config. envoy.extensions. envoy.type. envoy.data. envoy.tcp. udpa.type. xds.type. xds.core. istio.envoy. stats. io.istio.http >"$here/envoy.txt"
