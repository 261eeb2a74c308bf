import { describe, expect, test } from 'vitest';
import { inputOfTexts } from '../../../src/input/load.ts';
import { compareConfigurations } from '../../../src/operations/diff/compare-configurations.ts';
import { openConfiguration } from '../../../src/operations/diff/configuration.ts';

const workload = `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web-0, namespace: shop, labels: {app: web}}
spec: {containers: [{name: app, image: app}]}
`;
// A filter behind the router: Envoy refuses it, as only the compiled proxies show.
const filterBehindRouter = `---
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: late, namespace: shop}
spec:
  configPatches:
  - applyTo: HTTP_FILTER
    match:
      context: SIDECAR_OUTBOUND
      listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager, subFilter: {name: envoy.filters.http.router}}}}
    patch:
      operation: INSERT_AFTER
      value: {name: late, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua}}
`;

const side = (text: string) => openConfiguration('m.yaml', inputOfTexts([{ file: 'm.yaml', text }]));

describe('one answer to what is wrong with a mesh', () => {
  test('what analysis of compiled proxies finds is among the findings that a diff compares', () => {
    const after = side(workload + filterBehindRouter);
    const found = after.findings({ verification: 'auto', now: 0 }).map(({ code, severity }) => `${severity} ${code}`);
    const { findings } = compareConfigurations(side(workload), after, { requests: false, now: 0 });
    const introduced = findings.introduced.map(({ code, severity }) => `${severity} ${code}`);
    expect(introduced).toContain('error MESH2094');
    expect(found).toEqual(expect.arrayContaining(introduced));
  });
});
