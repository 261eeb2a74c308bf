#!/bin/sh
# Starts $REAL_ENVOY with `-c FILE ...`, as test/live.test.ts asks for it: with the extension that listeners inside of a proxy need, and
# Envoy's own texts in the state of connections instead of istio-proxy's. The file is JSON on one line.
file=$2
shift 2
internal='{"name": "envoy.bootstrap.internal_listener", "typedConfig": {"@type": "type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener"}}'
sed -e 's/istio\.hashable_string/envoy.hashable_string/g' -e "1s|^{|{\"bootstrapExtensions\": [$internal], |" "$file" > "$file.internal"
exec "$REAL_ENVOY" -c "$file.internal" "$@"
