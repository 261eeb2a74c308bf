#!/usr/bin/env bash
# Writes schemas/api-server/kubernetes.json: the types of Kubernetes' own kinds, as the Go module k8s.io/api declares them. To be run by
# hand, with Go installed, when the version is raised.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
version=v0.35.3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/main.go" "$work"
cd "$work"
go mod init describe
go get "k8s.io/api@$version"
go mod tidy
go run . >"$here/../../schemas/api-server/kubernetes.json"
