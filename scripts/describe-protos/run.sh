#!/usr/bin/env bash
# Writes envoy.txt and istio.txt: the messages of Envoy and Istio as the Go modules of Istio 1.30 declare them.
# To be run by hand, with Go installed, when Istio's version changes; everything else is generated from its output.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
envoy=v1.38.0
contrib=v1.36.1-0.20260729145720-a2d8c7492908
istio=v1.30.3-0.20260710004328-2e43f07b30b6
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cp "$here/main.go" .
go mod init describe
planes=github.com/envoyproxy/go-control-plane
go get "$planes/envoy@$envoy" "$planes/contrib@$contrib" "istio.io/api@$istio" github.com/cncf/xds/go
{
  echo 'package main'
  echo 'import ('
  # Stackdriver and metadata exchange are declared twice, by Istio and by Envoy's contrib.
  go list -e "$planes/envoy/..." "$planes/contrib/envoy/..." github.com/cncf/xds/go/udpa/type/... github.com/cncf/xds/go/xds/type/... \
    istio.io/api/networking/... istio.io/api/security/v1beta1 istio.io/api/telemetry/v1alpha1 istio.io/api/mesh/v1alpha1 \
    istio.io/api/extensions/v1alpha1 istio.io/api/envoy/... |
    grep -vE '/envoy/(service|annotations)/|stackdriver|/watchdog/|go-control-plane/.*/v[12][a-z0-9]*$' | sed 's/.*/_ "&"/'
  echo ')'
} >types.go
go mod tidy
go build -o describe .
# Some of Istio's extensions are declared twice, by Istio and by Envoy.
export GOLANG_PROTOBUF_REGISTRATION_CONFLICT=ignore
./describe envoy.admin. envoy.config. envoy.extensions. envoy.type. envoy.data. envoy.tcp. udpa.type. xds.type. xds.core. istio.envoy. stats. io.istio.http >"$here/envoy.txt"
./describe istio.networking. istio.security. istio.telemetry. istio.mesh. istio.extensions. istio.type. >"$here/istio.txt"
