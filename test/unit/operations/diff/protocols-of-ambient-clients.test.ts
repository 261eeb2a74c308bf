import { describe, expect, test } from 'vitest';
import { namespace, waypoint, workload } from '../../../support/ambient-mesh.ts';
import { diffOf, type Files } from '../../../support/diff.ts';

/** A client of `web`, whose port is for one protocol, and of `other`, for whose sake their waypoint looks for TLS at ports of that number. */
function behindWaypoint(protocol: string, rules: string, action = 'DENY'): Files {
  const mesh = [
    namespace('shop', 'ambient', 'istio.io/use-waypoint: way'),
    workload('web', 'shop', { ip: 5, protocol }),
    workload('other', 'shop', { ip: 7, protocol: 'tls' }),
    workload('client', 'shop', { ip: 6 }),
    waypoint('way', 'shop', { ip: 20 }),
  ];
  const policy = `
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec: {targetRefs: [{kind: Service, group: "", name: web}], action: ${action}, rules: ${rules}}
`;
  return { 'm.yaml': mesh.join('') + policy };
}

const forName = (name: string): string => `[{when: [{key: connection.sni, values: [${name}]}]}]`;

/** The exit status of `--equal`, and which requests of the client end otherwise. */
async function equal(before: Files, after: Files) {
  const { exitCode, report } = await diffOf(before, after, ['--equal']);
  const ofClient = report.requests.changed.filter(({ from }) => from.includes('shop/client'));
  const places = ofClient.flatMap(({ requests }) => requests.map(({ method, url }) => `${method} ${url}`));
  return { exitCode, places: [...new Set(places)].sort() };
}

describe('what pods that ztunnel stands before send to a waypoint', () => {
  test.each(['tcp', '""'])('is TLS of their own, for any name, where it looks for one: port %s', async (protocol) => {
    const [before, after] = [behindWaypoint(protocol, forName('a.example')), behindWaypoint(protocol, forName('b.example'))];
    expect(await equal(before, after)).toEqual({
      exitCode: 1,
      places: ['CONNECT tls://a.example:80', 'CONNECT tls://b.example:80'],
    });
    expect(await equal(before, behindWaypoint(protocol, forName('"a.example", a.example')))).toEqual({ exitCode: 0, places: [] });
  });

  test('is HTTP alone where the port is for HTTP', async () => {
    const [before, after] = [behindWaypoint('http', forName('a.example')), behindWaypoint('http', forName('b.example'))];
    expect(await equal(before, after)).toEqual({ exitCode: 0, places: [] });
  });

  test('is bytes, too, where the port says nothing and all HTTP ends as before', async () => {
    const sides = (protocol: string) =>
      equal(
        behindWaypoint(protocol, '[{to: [{operation: {methods: ["*"]}}]}]', 'ALLOW'),
        behindWaypoint(protocol, '[{}]', 'ALLOW'),
      );
    const { exitCode, places } = await sides('""');
    expect(exitCode).toBe(1);
    expect(places).toContain('CONNECT tcp://web.shop.svc.cluster.local:80');
    expect(await sides('http')).toEqual({ exitCode: 0, places: [] });
  });
});

describe('what pods that ztunnel stands before send to the waypoint of a workload', () => {
  const mesh = (name: string): Files => ({
    'm.yaml': `${namespace('shop')}${workload('web', 'shop', { ip: 5, protocol: 'tcp', labels: 'istio.io/use-waypoint: way' })}${workload('other', 'shop', { ip: 7, protocol: 'tls', serviceLabels: 'istio.io/use-waypoint: way' })}${workload('client', 'shop', { ip: 6 })}${waypoint('way', 'shop', { ip: 20, serves: 'all' })}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec:
  targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: way}]
  action: DENY
  rules: [{to: [{operation: {ports: ["8080"]}}], when: [{key: connection.sni, values: [${name}]}]}]
`,
  });

  test('is TLS of their own at the addresses of its pods', async () => {
    expect(await equal(mesh('a.example'), mesh('b.example'))).toEqual({
      exitCode: 1,
      places: ['CONNECT tls://a.example:8080', 'CONNECT tls://b.example:8080'],
    });
    expect((await equal(mesh('a.example'), mesh('"a.example", a.example'))).exitCode).toBe(0);
  });
});

describe('what pods that ztunnel stands before send to a sidecar', () => {
  const server = (rules: string): Files => ({
    'm.yaml': `${namespace('shop')}${namespace('old', 'none', 'istio-injection: enabled')}${workload('web', 'old', { ip: 5, protocol: 'tcp' })}${workload('client', 'shop', { ip: 6 })}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: old}
spec: {selector: {matchLabels: {app: web}}, action: DENY, rules: ${rules}}
`,
  });

  test('is TLS of their own, for any name, where a policy there looks at it', async () => {
    const [before, after] = [server(forName('a.example')), server(forName('b.example'))];
    const { exitCode, places } = await equal(before, after);
    expect(exitCode).toBe(1);
    expect(places).toEqual(['CONNECT tls://a.example:80', 'CONNECT tls://b.example:80']);
    expect((await equal(before, before)).exitCode).toBe(0);
  });
});
