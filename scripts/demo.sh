#!/usr/bin/env bash
# npm run demo: the main job on a fixture, with something worth reading at the end.
set -euo pipefail
cd "$(dirname "$0")/../fixtures/bookinfo"
mesh() { printf '\n$ mesh %s\n' "$*"; node ../../bin/mesh.js "$@"; }

echo "fixtures/bookinfo: reviews has three versions; requests of end-user jason go to v2, all others to v1."
echo "What would istiod send to productpage's Envoy? No cluster needed:"
mesh proxy-config clusters productpage-v1-0 --direction outbound
mesh proxy-config routes productpage-v1-0 --name 9080
printf '\n$ mesh proxy-config routes productpage-v1-0 --name 9080 -o json   (the routes of reviews)\n'
node ../../bin/mesh.js proxy-config routes productpage-v1-0 --name 9080 -o json | node -e '
const [configuration] = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const reviews = configuration.virtualHosts.find(({ name }) => name.startsWith("reviews."));
for (const { match, route } of reviews.routes) console.log(" ", JSON.stringify(match), "->", route.cluster);
'
printf '\nAll of it, for every proxy:  (cd fixtures/bookinfo && node ../../bin/mesh.js translate --out-dir /tmp/bookinfo)\n'
