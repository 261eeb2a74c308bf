import { expect, test } from 'vitest';
import { inputOfTexts } from '../../../../src/input/load.ts';
import type { Outcome, TraceRequest } from '../../../../src/trace/outcome.ts';
import { unknownServers } from '../../../../src/trace/servers/unknown.ts';
import { traceRequest } from '../../../../src/trace/trace.ts';
import { openWorkbench } from '../../../../src/workbench/workbench.ts';
import type { Files } from '../../../support/diff.ts';
import { shopOf } from '../../../support/diff-shop.ts';

/** How a request to `web` goes that is mirrored so. */
function waysOf(mirrors: string, request: Partial<TraceRequest> = {}, others: Files = {}): readonly Outcome[] {
  const texts = Object.entries({
    ...shopOf(['web', 'api', 'copies', 'client']),
    ...others,
    'routes.yaml': `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [web], http: [{mirrors: [${mirrors}], route: [{destination: {host: web}}]}]}
`,
  }).map(([file, text]) => ({ file, text }));
  const plane = openWorkbench(inputOfTexts(texts)).dataPlane({ servers: unknownServers, now: 0 });
  const authority = 'web.shop.svc.cluster.local';
  const client = plane.pods.find(({ workloadName }) => workloadName === 'client');
  const from = `shop/${client?.name}`;
  const address = { ip: plane.resolve(authority) ?? '', port: 80 };
  return traceRequest(plane, { from, address, scheme: 'http', method: 'GET', target: '/', authority, headers: [], ...request });
}

const mirror = (host: string, percent: number): string => `{destination: {host: ${host}}, percentage: {value: ${percent}}}`;

/** Who gets copies, and how often. */
function copied(ways: readonly Outcome[]): readonly (readonly [string, number])[] {
  return ways.map(({ deliveries, share }) => [
    deliveries.flatMap(({ pod, isMirror }) => (isMirror ? [pod.replace(/^shop\/(\w+).*/, '$1')] : [])).join(' '),
    share,
  ]);
}

test('mirrors of one request look at the same random number, as those of a real Envoy do', () => {
  expect(copied(waysOf([mirror('api', 50), mirror('copies', 50)].join()))).toEqual([
    ['api copies', 0.5],
    ['', 0.5],
  ]);
  expect(copied(waysOf([mirror('api', 50), mirror('copies', 10)].join()))).toEqual([
    ['api copies', 0.1],
    ['api', 0.4],
    ['', 0.5],
  ]);
});

test('mirrors of everything are no chance, and copies may be left out', () => {
  expect(copied(waysOf([mirror('api', 100), mirror('copies', 100)].join()))).toEqual([['api copies', 1]]);
  expect(copied(waysOf([mirror('api', 100), mirror('copies', 50)].join(), { isWithoutCopies: true }))).toEqual([['', 1]]);
});

test('of a request that asks for a tunnel there are no copies, as with a real Envoy, but of one that wants another protocol', () => {
  const tunnels = {
    'tunnels.yaml': `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: tunnels, namespace: shop}
spec:
  configPatches:
    - applyTo: HTTP_ROUTE
      match: {context: SIDECAR_OUTBOUND}
      patch:
        operation: MERGE
        value: {match: {prefix: null, connect_matcher: {}}, route: {upgrade_configs: [{upgrade_type: CONNECT}]}}
`,
  };
  const upgrade = [
    ['connection', 'upgrade'],
    ['upgrade', 'websocket'],
  ] as const;
  const tunnel = waysOf(mirror('api', 50), { method: 'CONNECT', target: 'web.shop.svc.cluster.local:80' }, tunnels);
  expect(copied(tunnel)).toEqual([['', 1]]);
  expect(copied(waysOf(mirror('api', 100), { headers: upgrade }))).toEqual([['api', 1]]);
});
