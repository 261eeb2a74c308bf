import { describe, expect, test } from 'vitest';
import { clientAndWeb } from '../../../support/client-and-web.ts';
import { diffOf, type Files } from '../../../support/diff.ts';

const shop = `${clientAndWeb({ tls: 9443, tcp: 5432 })}apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: db, namespace: shop}
spec: {hosts: [db.example], addresses: [10.50.0.0/16], resolution: NONE, ports: [{number: 5432, name: tcp, protocol: TCP}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: names, namespace: shop}
spec: {hosts: ["*.foo.example"], resolution: NONE, ports: [{number: 9443, name: tls, protocol: TLS}]}
---
`;

/** What connections end otherwise, of rules for other addresses or names. */
async function changed(
  before: Rules,
  after: Rules,
): Promise<{ readonly exitCode: number; readonly requests: readonly string[] }> {
  return diffOf(filesOf(before), filesOf(after), ['--equal']);
}

interface Rules {
  readonly subnets?: string;
  readonly names?: string;
}

function filesOf({ subnets = '10.50.1.0/24', names = 'n.foo.example' }: Rules): Files {
  return {
    'm.yaml': `${shop}apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: db, namespace: shop}
spec: {hosts: [db.example], tcp: [{match: [{destinationSubnets: [${subnets}]}], route: [{destination: {host: web, port: {number: 5432}}}]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: names, namespace: shop}
spec: {hosts: ["*.foo.example"], tls: [{match: [{sniHosts: [${names}]}], route: [{destination: {host: web, port: {number: 9443}}}]}]}
`,
  };
}

describe('connections of sidecars that end otherwise', () => {
  test.each([
    ['a part of a range', '10.50.7.0/24', '10.50.7.0/25'],
    ['one range of several', '10.50.7.0/24, 10.50.8.0/24', '10.50.7.0/24'],
  ])('for %s', async (_, before, after) => {
    expect((await changed({ subnets: before }, { subnets: after })).exitCode).toBe(1);
    expect((await changed({ subnets: after }, { subnets: before })).exitCode).toBe(1);
  });

  test.each([
    ['one name of several', 'a.foo.example, b.foo.example', 'a.foo.example'],
    ['some names of a wildcard', '"*.foo.example"', '"*.x.foo.example", x.foo.example'],
  ])('for %s', async (_, before, after) => {
    const { exitCode, requests } = await changed({ names: before }, { names: after });
    expect(exitCode).toBe(1);
    expect(requests.length).toBeGreaterThan(0);
    expect((await changed({ names: after }, { names: before })).exitCode).toBe(1);
  });

  test('not where the same is written otherwise', async () => {
    expect(
      await changed(
        { subnets: '10.50.7.0/24', names: 'a.foo.example, b.foo.example' },
        { subnets: '10.50.7.0/25, 10.50.7.128/25', names: 'b.foo.example, a.foo.example' },
      ),
    ).toMatchObject({ exitCode: 0, requests: [] });
  });
});

describe('connections to several addresses of one host and port', () => {
  const VERSIONS = ['v1', 'v2']
    .map(
      (version, at) => `apiVersion: v1
kind: Pod
metadata: {name: db-${version}, namespace: shop, labels: {app: db, version: ${version}}}
spec: {containers: [{name: app, image: app, ports: [{containerPort: 5432}]}]}
status: {podIP: 10.244.1.${at + 1}}
---
`,
    )
    .join('');
  const routes = (first: string, second: string): string => `${clientAndWeb({ other: 81 })}${VERSIONS}apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {selector: {app: db}, clusterIP: 10.96.0.6, ports: [{name: tcp, port: 5432}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: db, namespace: shop}
spec: {host: db, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: db, namespace: shop}
spec: {hosts: [db], tcp: [{route: [{destination: {host: db, subset: v2}}]}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ranges, namespace: shop}
spec: {hosts: [ranges.example], addresses: [10.50.0.0/15], resolution: NONE, ports: [{number: 5432, name: tcp, protocol: TCP}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ranges, namespace: shop}
spec:
  hosts: [ranges.example]
  tcp:
  - {match: [{destinationSubnets: [${first}]}], route: [{destination: {host: db, subset: v1}}]}
  - {match: [{destinationSubnets: [${second}]}], route: [{destination: {host: db, subset: v2}}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: strict, namespace: shop}
spec: {mtls: {mode: STRICT}}
---
`;
  const denying = (subnets: readonly [string, string], version: string, principal: string): Files => ({
    'm.yaml': `${routes(...subnets)}apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: db, namespace: shop}
spec: {selector: {matchLabels: {version: ${version}}}, action: DENY, rules: [{from: [{source: {principals: ["${principal}"]}}]}]}
`,
  });
  const [NOBODY, CLIENT] = ['cluster.local/ns/shop/sa/nobody', 'cluster.local/ns/shop/sa/default'];

  test.each([
    ['beside each other', ['10.50.1.0/24', '10.50.2.0/24'] as const],
    ['in each other', ['10.50.0.0/16', '10.50.0.0/24'] as const],
  ])('are followed to each of them: ranges %s', async (_, subnets) => {
    const { exitCode, requests } = await diffOf(denying(subnets, 'v1', NOBODY), denying(subnets, 'v1', CLIENT), ['--equal']);
    expect(exitCode).toBe(1);
    expect(requests.join()).toContain('shop/db-v1 -> none');
  });

  test('end as before where a policy is for nobody who connects', async () => {
    const subnets = ['10.50.1.0/24', '10.50.2.0/24'] as const;
    const others = 'cluster.local/ns/shop/sa/others';
    expect(await diffOf(denying(subnets, 'v1', NOBODY), denying(subnets, 'v1', others), ['--equal'])).toMatchObject({
      exitCode: 0,
      requests: [],
    });
  });
});

describe('connections to the pods of a headless Service', () => {
  const denying = (principal: string): Files => ({
    'm.yaml': `${clientAndWeb({ tcp: 5432 }).replace('clusterIP: 10.96.0.5', 'clusterIP: None')}apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: strict, namespace: shop}
spec: {mtls: {mode: STRICT}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: web}}, action: DENY, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/${principal}]}}]}]}
`,
  });

  test('end otherwise where a policy of these does for a client in the mesh', async () => {
    const { exitCode, requests } = await diffOf(denying('nobody'), denying('default'), ['--equal']);
    expect(exitCode).toBe(1);
    expect(requests.join()).toContain('CONNECT tcp://');
  });

  test('end as before where it is for nobody who connects', async () => {
    expect(await diffOf(denying('nobody'), denying('others'), ['--equal'])).toMatchObject({ exitCode: 0, requests: [] });
  });
});
