import { describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const pod = (name: string, ip: string, annotations: object = {}): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}-1, namespace: shop, labels: {app: ${name}}, annotations: ${JSON.stringify(annotations)}}
spec: {containers: [{name: app, ports: [{containerPort: 8080}, {containerPort: 8081}]}]}
status: {podIP: ${ip}}
---`;
const named = (name: string, value: string): object => ({ [`traffic.sidecar.istio.io/${name}`]: value });
const plain = pod('plain', '10.244.1.9', { 'sidecar.istio.io/inject': 'false' });
const rest = `
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {clusterIP: 10.96.1.11, selector: {app: api}, ports: [{name: http, port: 8080}, {name: http-metrics, port: 8081}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
`;

async function mesh(argv: readonly string[], ofApi: object, ofWeb: object, more: Readonly<Record<string, string>> = {}) {
  const manifests = pod('api', '10.244.1.1', ofApi) + pod('web', '10.244.1.2', ofWeb) + plain + rest;
  const io = createFakeIo({ files: { '/work/manifests/mesh.yaml': manifests, ...more } });
  await run(argv, io);
  return io.output();
}

const statusOf = async (from: string, port: number, ofApi: object, ofWeb: object = {}): Promise<string> => {
  const out = await mesh(['trace', '--from', `shop/${from}-1`, `http://api.shop:${port}/`], ofApi, ofWeb);
  return /\b200 served by\b/.test(out) ? 'served' : 'not served';
};

describe('what arrives', () => {
  test('at a port that annotations exclude goes past the sidecar, and what the sidecar would refuse is served there', async () => {
    const excluded = named('excludeInboundPorts', '8081, 9999');
    expect(await statusOf('plain', 8080, excluded)).toBe('not served');
    expect(await statusOf('plain', 8081, excluded)).toBe('served');
    expect(await statusOf('plain', 8081, {})).toBe('not served');
    const out = await mesh(['trace', '--from', 'shop/plain-1', 'http://api.shop:8081/'], excluded, {});
    expect(out).toContain('it goes past the sidecar of shop/api-1: annotations of the pod leave it out');
  });

  test('goes through the sidecar at the ports that annotations include, whatever they exclude; at none where they include none', async () => {
    const included = { ...named('includeInboundPorts', '8080'), ...named('excludeInboundPorts', '8080') };
    expect(await statusOf('plain', 8080, included)).toBe('not served');
    expect(await statusOf('plain', 8081, included)).toBe('served');
    expect(await statusOf('plain', 8080, named('includeInboundPorts', ''))).toBe('served');
    expect(await statusOf('plain', 8080, named('includeInboundPorts', '*'))).toBe('not served');
  });

  test('is counted by proofs', async () => {
    const statements = 'statements:\n- {name: secured, always: {mutualTLS: true, to: {workloads: [shop/api-1]}}}\n';
    const files = { '/work/shop.mesh-policy.yaml': statements };
    expect(await mesh(['prove'], {}, {}, files)).toContain('1 of 1 statements proven');
    expect(await mesh(['prove'], named('excludeInboundPorts', '8081'), {}, files)).toContain('1 refuted');
  });
});

describe('what a client opens', () => {
  test('to a port or a range that annotations exclude goes past its sidecar, so that nothing secures it', async () => {
    expect(await statusOf('web', 8080, {})).toBe('served');
    expect(await statusOf('web', 8080, {}, named('excludeOutboundPorts', '8080'))).toBe('not served');
    expect(await statusOf('web', 8081, {}, named('excludeOutboundPorts', '8080'))).toBe('served');
    expect(await statusOf('web', 8080, {}, named('excludeOutboundIPRanges', '10.96.0.0/16'))).toBe('not served');
    expect(await statusOf('web', 8080, {}, named('excludeOutboundIPRanges', '10.97.0.0/16'))).toBe('served');
  });

  test('goes through its sidecar in the ranges that annotations include, and to ports of any', async () => {
    const others = named('includeOutboundIPRanges', '10.97.0.0/16');
    expect(await statusOf('web', 8080, {}, others)).toBe('not served');
    expect(await statusOf('web', 8080, {}, { ...others, ...named('includeOutboundPorts', '8080') })).toBe('served');
    expect(await statusOf('web', 8080, {}, named('includeOutboundIPRanges', '*'))).toBe('served');
  });

  test('tells callers apart in graphs that differ in nothing else', async () => {
    const out = await mesh(['graph', '-o', 'json', '--to', 'api'], {}, named('excludeOutboundPorts', '8080'), {
      '/work/manifests/other.yaml': pod('other', '10.244.1.3').replace(/---$/, ''),
    });
    const { edges } = JSON.parse(out) as { edges: { from: string; port: number; access: string }[] };
    const accessOf = (from: string, port: number) => edges.find((edge) => edge.from === from && edge.port === port)?.access;
    expect(accessOf('shop/other-1', 8080)).toBe('allowed');
    expect(accessOf('shop/web-1', 8080)).not.toBe('allowed');
    expect(accessOf('shop/web-1', 8081)).toBe('allowed');
  });
});
