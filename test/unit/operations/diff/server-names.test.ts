import { describe, expect, test } from 'vitest';
import { clientAndWeb } from '../../../support/client-and-web.ts';
import { diffOf, type Files } from '../../../support/diff.ts';

const shop = `${clientAndWeb({ tls: 9443 })}apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: plain, namespace: shop}
spec: {host: web, trafficPolicy: {tls: {mode: DISABLE}}}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: names, namespace: shop}
spec: {hosts: ["*.wild.example.com"], resolution: NONE, ports: [{number: 9443, name: tls, protocol: TLS}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: names, namespace: shop}
spec: {hosts: ["*.wild.example.com"], tls: [{match: [{sniHosts: ["*.wild.example.com"]}], route: [{destination: {host: web, port: {number: 9443}}}]}]}
---
`;

const rulesOf = (...names: readonly string[]): string =>
  `[${names.map((some) => `{when: [{key: connection.sni, values: [${some}]}]}`).join(', ')}]`;
const filesOf = (rules: string, action = 'DENY'): Files => ({
  'm.yaml': `${shop}apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: web}}, action: ${action}, rules: ${rules}}
`,
});

describe('names that a wildcard takes and policies of servers tell apart', () => {
  test.each([
    ['one name for another', 'a.wild.example.com', 'b.wild.example.com'],
    ['names by their ending', '"*.x.wild.example.com"', '"*.y.wild.example.com"'],
    ['names by their beginning', '"a*"', '"b*"'],
  ])('are asked for: %s', async (_, one, other) => {
    const before = filesOf(rulesOf(one));
    const { exitCode, requests } = await diffOf(before, filesOf(rulesOf(other)), ['--equal']);
    expect(exitCode).toBe(1);
    expect(requests.length).toBeGreaterThan(0);
    expect(requests.join()).not.toContain('//x.wild');
  });

  test('and end as before where the same is written otherwise', async () => {
    const before = rulesOf('a.wild.example.com, b.wild.example.com');
    const ordered = await diffOf(filesOf(before), filesOf(rulesOf('b.wild.example.com, a.wild.example.com')), ['--equal']);
    const [together, split] = [before, rulesOf('b.wild.example.com', 'a.wild.example.com')];
    const parted = await diffOf(filesOf(together, 'ALLOW'), filesOf(split, 'ALLOW'), ['--equal']);
    expect([ordered, parted].map(({ exitCode, requests }) => [exitCode, requests])).toEqual([
      [0, []],
      [0, []],
    ]);
  });
});
