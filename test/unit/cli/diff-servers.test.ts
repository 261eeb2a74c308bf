import { describe, expect, test } from 'vitest';
import { diffOf, edit, type Files } from '../../support/diff.ts';

/** A client, pods that serve HTTP and another protocol, and a server outside. */
const MESH: Files = {
  'm.yaml': `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Pod
metadata: {name: client, namespace: shop, labels: {app: client}}
spec: {containers: [{name: c, image: i}]}
status: {podIP: 10.244.0.1}
---
apiVersion: v1
kind: Pod
metadata: {name: one, namespace: shop, labels: {app: one}, annotations: {sidecar.istio.io/inject: "false"}}
spec: {containers: [{name: c, image: i}]}
status: {podIP: 10.244.0.2}
---
apiVersion: v1
kind: Pod
metadata: {name: two, namespace: shop, labels: {app: two}, annotations: {sidecar.istio.io/inject: "false"}}
spec: {containers: [{name: c, image: i}]}
status: {podIP: 10.244.0.3}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {clusterIP: 10.96.0.1, selector: {app: one}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {clusterIP: 10.96.0.2, selector: {app: one}, ports: [{name: tcp, port: 3306, targetPort: 3306}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: outside, namespace: shop}
spec:
  hosts: [api.example.com]
  resolution: DNS
  ports: [{number: 80, name: http, protocol: HTTP}, {number: 6379, name: tcp, protocol: TCP}]
  addresses: [192.0.2.1]
  endpoints: [{address: a.example.net}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: outside, namespace: shop}
spec:
  hosts: [api.example.com]
  http:
  - rewrite: {uri: /v1}
    headers: {request: {set: {x-from: shop}}}
    timeout: 3s
    retries: {attempts: 0}
    route: [{destination: {host: api.example.com, port: {number: 80}}}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: outside, namespace: shop}
spec: {host: api.example.com, trafficPolicy: {tls: {mode: SIMPLE, sni: api.example.com, caCertificates: /etc/ca.pem}}}
`,
};

const CLIENT = 'shop/client: ';
const TO_OUTSIDE = `${CLIENT}GET http://api.example.com/: `;

describe('mesh diff --equal', () => {
  test.each([
    [
      'another server',
      'address: a.example.net',
      'address: b.example.net',
      'servers outside a.example.net:80 -> b.example.net:80',
    ],
    ['another path', 'uri: /v1', 'uri: /v2', 'path /v1 -> /v2'],
    ['another header', 'x-from: shop', 'x-from: store', 'request headers x-from: shop -> x-from: store'],
    ['another host', 'rewrite: {uri', 'rewrite: {authority: b.example.net, uri', 'host api.example.com -> b.example.net'],
    ['another timeout', 'timeout: 3s', 'timeout: 5s', 'timeout 3s (504) -> 5s (504)'],
    ['more attempts', 'attempts: 0', 'attempts: 1, retryOn: 5xx', 'attempts 1 -> 2'],
    ['another server name', 'sni: api', 'sni: b', 'server name api.example.com -> b.example.com'],
    [
      'no TLS',
      'mode: SIMPLE, sni: api.example.com, caCertificates: /etc/ca.pem',
      'mode: DISABLE',
      'tls TLS, the client shows no certificate -> plain',
    ],
  ])('tells of requests to a server outside of the mesh what becomes of them: %s', async (_, before, after, seen) => {
    const { exitCode, requests } = await diffOf(MESH, edit(MESH, 'm.yaml', before, after), ['--equal']);
    expect(requests.filter((request) => request.startsWith(TO_OUTSIDE)).join('\n')).toContain(seen);
    expect(exitCode).toBe(1);
  });

  test('tells of connections to a server outside where they go', async () => {
    const { requests } = await diffOf(MESH, edit(MESH, 'm.yaml', 'address: a.example.net', 'address: b.example.net'));
    expect(requests).toContain(
      `${CLIENT}CONNECT tcp://api.example.com:6379: servers outside a.example.net:6379 -> b.example.net:6379`,
    );
  });

  test('proves nothing of a server outside whose certificate is judged by another authority', async () => {
    const { exitCode, requests, report } = await diffOf(MESH, edit(MESH, 'm.yaml', 'ca.pem', 'other.pem'), ['--equal']);
    expect(requests).toEqual([]);
    expect(report).toMatchObject({ requests: { proof: { doubts: [{ because: 'not known', what: ['certificates'] }, {}] } } });
    expect(exitCode).toBe(1);
  });

  test('tells for which name a pod without a sidecar is asked by TLS, and whether it is', async () => {
    const asked = (tls: string): Files => ({
      ...MESH,
      'rule.yaml': `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web, namespace: shop}
spec: {host: web, trafficPolicy: {tls: {${tls}}}}
`,
    });
    const [one, two, none] = ['mode: SIMPLE, sni: a.example', 'mode: SIMPLE, sni: b.example', 'mode: DISABLE'].map(asked);
    const named = await diffOf(one ?? {}, two ?? {}, ['--equal']);
    expect(named.requests).toContain(`${CLIENT}GET http://web.shop/: server name a.example -> b.example`);
    const plain = await diffOf(one ?? {}, none ?? {}, ['--equal']);
    expect(plain.requests.join('\n')).toContain('tls TLS, the client shows no certificate -> plain');
    expect([named.exitCode, plain.exitCode]).toEqual([1, 1]);
    expect((await diffOf(one ?? {}, one ?? {}, ['--equal'])).exitCode).toBe(0);
  });

  test('tells which pod gets connections of another protocol than HTTP', async () => {
    const toTwo = edit(
      MESH,
      'm.yaml',
      'clusterIP: 10.96.0.2, selector: {app: one}',
      'clusterIP: 10.96.0.2, selector: {app: two}',
    );
    const { requests } = await diffOf(MESH, toTwo, ['--equal']);
    expect(requests).toEqual(['shop/client, a pod without sidecar: CONNECT tcp://db.shop:3306: pods shop/one -> shop/two']);
  });

  test('tells which pods get copies of requests, where nothing else changes', async () => {
    const copied = (pod: string): Files => ({
      ...MESH,
      'copies.yaml': `
apiVersion: v1
kind: Service
metadata: {name: copies, namespace: shop}
spec: {clusterIP: 10.96.0.3, selector: {app: ${pod}}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [web], http: [{mirror: {host: copies}, route: [{destination: {host: web}}]}]}
`,
    });
    const { exitCode, requests } = await diffOf(copied('one'), copied('two'), ['--equal']);
    expect(requests).toContain(`${CLIENT}GET http://web.shop/: mirrors shop/one -> shop/two`);
    expect(exitCode).toBe(1);
  });

  test('tells which port of a pod gets requests', async () => {
    const { requests } = await diffOf(MESH, edit(MESH, 'm.yaml', 'targetPort: 8080', 'targetPort: 9090'), ['--equal']);
    expect(requests).toEqual(['shop/client, a pod without sidecar: GET http://web.shop/: port 8080 -> 9090']);
  });

  test('tells in which protocol a pod gets requests', async () => {
    const { requests } = await diffOf(
      MESH,
      edit(MESH, 'm.yaml', '{name: http, port: 80, targetPort', '{name: http2, port: 80, targetPort'),
      ['--equal'],
    );
    expect(requests).toEqual([`${CLIENT}GET http://web.shop/: protocol HTTP/1.1 -> HTTP/2`]);
  });

  test('proves that another way to name the same server outside is the same', async () => {
    const asDefault = edit(
      MESH,
      'm.yaml',
      'endpoints: [{address: a.example.net}]',
      'endpoints: [{address: a.example.net, ports: {http: 80}}]',
    );
    const { exitCode, requests } = await diffOf(MESH, asDefault, ['--equal']);
    expect(requests).toEqual([]);
    expect(exitCode).toBe(0);
  });
});

/** Hosts that are resolved for each request. */
const DYNAMIC: Files = edit(
  MESH,
  'm.yaml',
  'hosts: [api.example.com]\n  resolution: DNS\n  ports: [{number: 80, name: http, protocol: HTTP}, {number: 6379, name: tcp, protocol: TCP}]\n  addresses: [192.0.2.1]\n  endpoints: [{address: a.example.net}]',
  'hosts: ["*.example.com"]\n  resolution: DYNAMIC_DNS\n  ports: [{number: 80, name: http, protocol: HTTP}]',
);

describe('mesh diff --equal, of hosts that are resolved for each request', () => {
  const withPath = edit(
    DYNAMIC,
    'm.yaml',
    'hosts: [api.example.com]\n  http:\n  - rewrite',
    'hosts: ["*.example.com"]\n  http:\n  - rewrite',
  );
  const wild = edit(withPath, 'm.yaml', 'host: api.example.com, port', 'host: "*.example.com", port');

  test('proves that all of them end as before where a route only gets a name', async () => {
    const { exitCode, report } = await diffOf(wild, edit(wild, 'm.yaml', '- rewrite', '- name: all\n    rewrite'), ['--equal']);
    expect(report).toMatchObject({ requests: { changed: [], proof: { doubts: [] } } });
    expect(exitCode).toBe(0);
  });

  test('tells that all of them end otherwise where one server takes their place', async () => {
    const fixed = edit(
      wild,
      'm.yaml',
      'resolution: DYNAMIC_DNS\n  ports: [{number: 80, name: http, protocol: HTTP}]',
      'resolution: DNS\n  endpoints: [{address: x.example.com}]\n  ports: [{number: 80, name: http, protocol: HTTP}]',
    );
    const { exitCode, requests } = await diffOf(wild, fixed, ['--equal']);
    expect(requests).not.toEqual([]);
    expect(exitCode).toBe(1);
  });
});
