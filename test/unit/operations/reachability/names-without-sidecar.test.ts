import { describe, expect, test } from 'vitest';
import { run } from '../../../../src/cli/main.ts';
import { namespace, waypoint, workload } from '../../../support/ambient-mesh.ts';
import { clientAndWeb } from '../../../support/client-and-web.ts';
import { createFakeIo } from '../../../support/fake-io.ts';

interface Edge {
  readonly from: string;
  readonly host: string;
  readonly access: string;
  readonly passing: readonly string[];
}

const policy = (target: string, action: string, name: string): string => `
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec: {${target}, action: ${action}, rules: [{when: [{key: connection.sni, values: [${name}]}]}]}
`;
const ofWorkload = (action: string): string => policy('selector: {matchLabels: {app: web}}', action, 'a.example');

/** What becomes of connections of a client to `web`, and which of them get there. */
async function wayTo(manifests: string, client: string) {
  const io = createFakeIo({ files: { '/work/m.yaml': manifests } });
  expect(await run(['graph', '-f', 'm.yaml', '-o', 'json'], io)).toBe(0);
  const { edges } = JSON.parse(io.output()) as { readonly edges: readonly Edge[] };
  const edge = edges.find(({ from, host }) => from === client && host.startsWith('web.'));
  return { access: edge?.access, passing: edge?.passing };
}

describe('TLS of a pod without a sidecar, whose name a policy asks for,', () => {
  const bare = (port: string, rules = ''): string =>
    clientAndWeb({ [port]: 5432 }).replace('labels: {app: client}', 'labels: {app: client, sidecar.istio.io/inject: "false"}') +
    rules;

  test('gets there by that name alone, also where others speak no TLS', async () => {
    for (const port of ['tcp', 'tls']) {
      expect(await wayTo(bare(port, ofWorkload('ALLOW')), 'shop/client-0')).toEqual({
        access: 'partly',
        passing: ['connection for a.example'],
      });
      expect((await wayTo(bare(port, ofWorkload('DENY')), 'shop/client-0')).access).toBe('partly');
      expect((await wayTo(bare(port), 'shop/client-0')).access).toBe('allowed');
    }
  });

  test('is no matter to a sidecar, which asks for a name of its own', async () => {
    expect((await wayTo(clientAndWeb({ tcp: 5432 }) + ofWorkload('ALLOW'), 'shop/client-0')).access).toBe('denied');
  });

  test('is so, too, of one that ztunnel stands before, at a waypoint', async () => {
    const mesh = [
      namespace('shop', 'ambient', 'istio.io/use-waypoint: way'),
      workload('web', 'shop', { ip: 5, protocol: 'tls' }),
      workload('client', 'shop', { ip: 6 }),
      waypoint('way', 'shop', { ip: 20 }),
    ].join('');
    const allows = policy('targetRefs: [{kind: Service, group: "", name: web}]', 'ALLOW', 'a.example');
    expect(await wayTo(mesh + allows, 'shop/client')).toEqual({ access: 'partly', passing: ['connection for a.example'] });
    expect((await wayTo(mesh, 'shop/client')).access).toBe('allowed');
  });
});
