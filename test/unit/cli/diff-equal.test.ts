import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import type { RequestProof } from '../../../src/operations/diff/report.ts';
import { diffOf, edit, type Files, fixture } from '../../support/diff.ts';
import { behindTokens, routedByHttpRoute, routedByVirtualService, shopOf } from '../../support/diff-shop.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const shop = shopOf(['web', 'api', 'client']);

describe('mesh diff --equal', () => {
  test('finds the path that a prefix of a VirtualService takes and one of an HTTPRoute does not', async () => {
    const { exitCode, requests } = await diffOf(
      routedByVirtualService(shop, '[{uri: {prefix: /api}}]'),
      routedByHttpRoute(shop),
      ['--equal'],
    );
    expect(exitCode).toBe(1);
    expect(requests.join('\n')).toMatch(/\/api[^/\s]/);
  });

  test('proves that two ways to write the same routes are equal', async () => {
    const { exitCode, requests, report } = await diffOf(
      routedByVirtualService(shop, '[{uri: {exact: /api}}, {uri: {prefix: /api/}}]'),
      routedByHttpRoute(shop),
      ['--equal'],
    );
    expect(requests).toEqual([]);
    expect((report.requests as { proof?: object }).proof).toMatchObject({ doubts: [] });
    expect(exitCode).toBe(0);
  });

  test('proves nothing of TLS that a gateway ends with another certificate or other versions', async () => {
    const files = fixture('prove');
    const equal = async (from: string, to: string) => {
      const { exitCode, requests, report } = await diffOf(files, edit(files, 'gateway.yaml', from, to), ['--equal']);
      const { doubts } = (report.requests as unknown as { proof: RequestProof }).proof;
      return { exitCode, requests, what: [...new Set(doubts.flatMap((one) => (one.because === 'not known' ? one.what : [])))] };
    };
    const unproven = { exitCode: 1, requests: [], what: ['settings of TLS'] };
    expect(await equal('credentialName: shop', 'credentialName: other')).toEqual(unproven);
    expect(await equal('credentialName: shop', 'credentialName: shop, minProtocolVersion: TLSV1_3')).toEqual(unproven);
    expect(await equal('mode: SIMPLE, credentialName: shop', 'credentialName: shop, mode: SIMPLE')).toEqual({
      exitCode: 0,
      requests: [],
      what: [],
    });
  });

  test('proves nothing of what clients of HTTP/2 speak with servers where that changes', async () => {
    const rule = (http: string): Files => ({
      'rule.yaml': `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web, namespace: shop}
spec: {host: web.shop.svc.cluster.local, trafficPolicy: {connectionPool: {http: ${http}}}}
`,
    });
    const equal = async (one: string, two: string) => {
      const { exitCode, requests, report } = await diffOf({ ...shop, ...rule(one) }, { ...shop, ...rule(two) }, ['--equal']);
      const { doubts } = (report.requests as unknown as { proof: RequestProof }).proof;
      return { exitCode, requests, what: [...new Set(doubts.flatMap((one) => (one.because === 'not known' ? one.what : [])))] };
    };
    expect(await equal('{useClientProtocol: false}', '{useClientProtocol: true}')).toEqual({
      exitCode: 1,
      requests: [],
      what: ['whether its client speaks HTTP/2'],
    });
    // Whatever clients speak, these servers are spoken to in HTTP/2.
    const same = { exitCode: 0, requests: [], what: [] };
    expect(await equal('{h2UpgradePolicy: UPGRADE}', '{h2UpgradePolicy: UPGRADE, useClientProtocol: false}')).toEqual(same);
  });

  test('says why it fails where every request ends as before, but proxies come', async () => {
    const job = `apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: shop}
spec: {schedule: "0 0 * * *", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}}}
`;
    const io = createFakeIo({
      files: {
        '/work/before/shop.yaml': shop['shop.yaml'] ?? '',
        '/work/after/shop.yaml': shop['shop.yaml'] ?? '',
        '/work/after/job.yaml': job,
      },
    });
    expect(await run(['diff', 'before', 'after', '--equal'], io)).toBe(1);
    expect(io.errors()).toContain('error: not equal: proxies come or go');
  });

  test('proves that a gateway does the same whatever its routes are called', async () => {
    const edge = (name: string): Files => ({
      'm.yaml': `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {clusterIP: 10.96.0.1, selector: {app: web}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: i, ports: [{containerPort: 80}]}]}
status: {podIP: 10.244.0.1}
---
apiVersion: v1
kind: Pod
metadata: {name: edge, namespace: shop, labels: {app: edge}, annotations: {inject.istio.io/templates: gateway}}
spec: {containers: [{name: istio-proxy, image: auto}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec: {selector: {app: edge}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [web.example]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec: {hosts: [web.example], gateways: [edge], http: [{name: ${name}, route: [{destination: {host: web}}]}]}
`,
    });
    const { exitCode, proxies, requests } = await diffOf(edge('one'), edge('two'), ['--equal']);
    expect([exitCode, proxies, requests]).toEqual([0, ['shop/edge'], []]);
  });

  test('asks for ports that nothing names, where all else ends as before', async () => {
    const guarded = (rule: string): Files => ({
      ...shopOf(['web']),
      'policy.yaml': `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec: {action: DENY, rules: [{to: [{operation: {${rule}}}]}]}
`,
    });
    const before = guarded('notPorts: ["8080"], paths: ["/x"]');
    const { exitCode, requests } = await diffOf(before, guarded('notPorts: ["8080"], paths: ["/y"]'), ['--equal']);
    expect(requests.join()).toMatch(/web\.shop:\d+\/[xy]/);
    expect(exitCode).toBe(1);
    const same = await diffOf(before, guarded('paths: ["/x"], notPorts: ["8080"]'), ['--equal']);
    expect([same.exitCode, same.requests]).toEqual([0, []]);
  });

  test('does not take for equal what retries and limits do where servers fail, and says so', async () => {
    const limited = (limits: string): Files => ({
      ...shop,
      'limits.yaml': `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: api, namespace: shop}
spec: {host: api, trafficPolicy: {connectionPool: {http: {${limits}}}}}
`,
    });
    const retried = (retries: string): Files =>
      edit(
        routedByVirtualService(shop, '[{uri: {prefix: /api}}]'),
        'routes.yaml',
        '      route: [{destination: {host: api.',
        `      retries: {${retries}}\n      route: [{destination: {host: api.`,
      );
    const attempts = await diffOf(retried('attempts: 3'), retried('attempts: 0'), ['--equal']);
    const limits = await diffOf(limited('http1MaxPendingRequests: 10'), limited('http1MaxPendingRequests: 20'), ['--equal']);
    const proofOf = ({ report }: typeof attempts): RequestProof => (report.requests as unknown as { proof: RequestProof }).proof;
    const differing = [attempts, limits].map((one) => new Set(proofOf(one).underLoad.flatMap(({ what }) => what)));
    expect([attempts.exitCode, limits.exitCode]).toEqual([1, 1]);
    expect([...attempts.requests, ...limits.requests]).toEqual([]);
    expect([...proofOf(attempts).doubts, ...proofOf(limits).doubts]).toEqual([]);
    expect(differing).toEqual([new Set(['retries']), new Set(['limits'])]);
    const same = await diffOf(retried('attempts: 3, retryOn: "5xx,reset"'), retried('attempts: 3, retryOn: "reset,5xx"'), [
      '--equal',
    ]);
    expect([same.exitCode, proofOf(same).underLoad]).toEqual([0, []]);
  });

  test('asks for pods whose sidecar goes: what they are asked, and what they ask for', async () => {
    const guarded = {
      ...shopOf(['web']),
      'policy.yaml': `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: nobody, namespace: shop}
spec: {}
`,
    };
    const bare = edit(guarded, 'shop.yaml', 'istio-injection: enabled', 'istio-injection: disabled');
    const { exitCode, requests } = await diffOf(guarded, bare, ['--equal']);
    expect(exitCode).toBe(1);
    expect(requests).toContainEqual(expect.stringMatching(/^a pod without sidecar: GET .*status 403 -> 200/));
    expect(requests).toContainEqual(expect.stringMatching(/^shop\/web: GET .*status 403 -> 200/));
    const same = await diffOf(bare, edit(bare, 'shop.yaml', 'istio-injection: disabled', 'team: web'), ['--equal']);
    expect([same.exitCode, same.requests]).toEqual([0, []]);
  });

  test('proves nothing about a change that no request is found to meet', async () => {
    const lonely = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: i}]}
`;
    const strict = `---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
`;
    const changed = await diffOf({ 'm.yaml': lonely }, { 'm.yaml': lonely + strict }, ['--equal']);
    expect([changed.exitCode, changed.proxies]).toEqual([1, ['shop/web']]);
    expect(changed.report.requests).not.toHaveProperty('proof');
    expect((await diffOf({ 'm.yaml': lonely }, { 'm.yaml': lonely }, ['--equal'])).exitCode).toBe(0);
  });

  test('says that a rewrite by expression is proven where it is one of a prefix, and not where it is made otherwise', async () => {
    const rewritten = (rewrite: string): Files =>
      edit(
        routedByVirtualService(shop, '[{uri: {exact: /api}}, {uri: {prefix: /api/}}]'),
        'routes.yaml',
        '      route: [{destination: {host: api.',
        `      rewrite: ${rewrite}\n      route: [{destination: {host: api.`,
      );
    const byExpression = rewritten('{uriRegexRewrite: {match: "^/api(/?)(.*)", rewrite: "/\\\\2"}}');
    const same = await diffOf(
      routedByHttpRoute(
        shop,
        'filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}}]',
      ),
      byExpression,
      ['--equal'],
    );
    expect({ requests: same.requests, exitCode: same.exitCode }).toEqual({ requests: [], exitCode: 0 });
    const others = await diffOf(byExpression, rewritten('{uriRegexRewrite: {match: "^/api/*(.*)", rewrite: "/\\\\1"}}'), [
      '--equal',
    ]);
    expect(others.exitCode).toBe(1);
  });
});

const guarded = behindTokens(
  shop,
  'shop.example',
  ', when: [{key: "request.auth.claims[groups]", values: [staff]}]',
  `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: shop, namespace: istio-system}
spec:
  hosts: [shop.example]
  gateways: [g]
  http:
    - match: [{uri: {prefix: /reports}, headers: {x-kind: {exact: weekly}}}]
      route: [{destination: {host: api.shop.svc.cluster.local, port: {number: 80}}}]
    - route: [{destination: {host: web.shop.svc.cluster.local, port: {number: 80}}}]
`,
);

describe('mesh diff behind a gateway that asks for tokens', () => {
  test('finds what breaks only with a token, a path and a header together', async () => {
    const broken = edit(
      guarded,
      'routes.yaml',
      'api.shop.svc.cluster.local, port: {number: 80}',
      'api.shop.svc.cluster.local, subset: v9, port: {number: 80}',
    );
    const { requests } = await diffOf(guarded, broken, ['--equal']);
    expect(requests.join('\n')).toMatch(
      /GET http:\/\/shop\.example:8080\/reports.*x-kind=weekly.*"groups":"staff".*status 200 -> 503/,
    );
  });

  test('proves that policies which say the same in another way are equal', async () => {
    const split = edit(
      guarded,
      'guard.yaml',
      /rules: \[\{from[^\n]*/,
      `rules:
  - from: [{source: {requestPrincipals: ["https://issuer.example/*"]}}]
    to: [{operation: {methods: [GET]}}]
    when: [{key: "request.auth.claims[groups]", values: [staff]}]
  - from: [{source: {requestPrincipals: ["https://issuer.example/*"]}}]
    to: [{operation: {notMethods: [GET]}}]
    when: [{key: "request.auth.claims[groups]", values: [staff]}]`,
    );
    const { requests, exitCode } = await diffOf(guarded, split, ['--equal']);
    expect({ requests, exitCode }).toEqual({ requests: [], exitCode: 0 });
  });
});
