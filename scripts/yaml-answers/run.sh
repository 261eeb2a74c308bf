#!/usr/bin/env bash
# Writes fixtures/yaml/answers.json: what Kubernetes' YAML reader makes of the texts in it. To be run by hand, with Go installed,
# when texts are added (to fixtures/yaml/answers.json itself: ["the text"]) or the reader's version changes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
answers=$here/../../fixtures/yaml/answers.json
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/main.go" "$work"
cd "$work"
go mod init yaml-answers
go get sigs.k8s.io/yaml@v1.6.0 go.yaml.in/yaml/v2@v2.4.2
go build -o yaml-answers .
node -p 'JSON.stringify(JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8")).map(([text]) => text))' "$answers" |
  ./yaml-answers >answers.json
mv answers.json "$answers"
