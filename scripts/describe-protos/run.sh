#!/usr/bin/env bash
# Writes envoy.txt, envoy-RELEASE.txt and istio-RELEASE.txt: the messages of Envoy and Istio as the Go modules that the releases of Istio are built with
# declare them. To be run by hand, with Go installed, when a release is added or raised; everything else is generated from its output.
# With an argument, only that release of Istio is described: run.sh 1.31
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
envoy=v1.38.0
contrib=v1.36.1-0.20260729145720-a2d8c7492908
# Of releases whose go.mod names another version of Envoy's API than that of 1.30.
declare -A envoys=([1.29]=v1.37.0 [1.31]=v1.37.1-0.20260713214202-ca8ce173c36f)
declare -A contribs=([1.29]=v1.36.1-0.20260108162445-88062bc404b3 [1.31]=v1.36.1-0.20260713214202-ca8ce173c36f)
declare -A istio=([1.29]=v1.29.6 [1.30]=v1.30.3-0.20260710004328-2e43f07b30b6 [1.31]=v1.31.0)
planes=github.com/envoyproxy/go-control-plane
# Some of Istio's extensions are declared twice, by Istio and by Envoy.
export GOLANG_PROTOBUF_REGISTRATION_CONFLICT=ignore
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# link FOLDER VERSION PATTERN...: a program that describes these packages, with that version of istio.io/api, and $envoy and $contrib.
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

# describe_envoy RELEASE FILE: what Envoy's API and Istio's extensions of it declare.
describe_envoy() {
  link "envoy-$1" "${istio[$1]}" "$planes/envoy/..." "$planes/contrib/envoy/..." github.com/cncf/xds/go/udpa/type/... \
    github.com/cncf/xds/go/xds/type/... istio.io/api/envoy/...
  ./describe envoy.admin. envoy.config. envoy.extensions. envoy.type. envoy.data. envoy.tcp. udpa.type. xds.type. xds.core. istio.envoy. stats. io.istio.http >"$here/$2"
}

for release in ${1:-${!envoys[@]}}; do
  [ -n "${envoys[$release]:-}" ] || continue
  envoy=${envoys[$release]} contrib=${contribs[$release]} describe_envoy "$release" "envoy-$release.txt"
done
[ $# -eq 0 ] || exit 0

describe_envoy 1.30 envoy.txt
