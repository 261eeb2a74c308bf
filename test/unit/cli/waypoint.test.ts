import { expect, test } from 'vitest';
import { createNodeIo } from '../../../src/cli/io.ts';
import { run } from '../../../src/cli/main.ts';

const gateway = (name: string, namespace: string, labels: string, more = '') => `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: ${name}, namespace: ${namespace}, labels: {${labels}}}
spec:
  gatewayClassName: ${name === 'web' ? 'istio' : 'istio-waypoint'}
  listeners: [{name: mesh, port: 15008, protocol: HBONE}]
${more}---`;

const manifests = [
  gateway('waypoint', 'shop', 'istio.io/waypoint-for: all, istio.io/rev: canary'),
  gateway('web', 'shop', ''),
  gateway('absent', 'shop', '', '  addresses: [{type: Hostname, value: nowhere}]\n'),
  gateway('edge', 'ops', '', 'status: {conditions: [{type: Programmed, status: "False", reason: Pending, message: soon}]}\n'),
].join('\n');

async function called(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const printed = { out: '', err: '' };
  const io = {
    ...createNodeIo(),
    readStandardInput: () => manifests,
    err: (content: unknown) => {
      printed.err += String(content);
    },
    out: (content: unknown) => {
      printed.out += String(content);
      return true;
    },
  };
  return { code: await run(args, io), ...printed };
}

async function waypoint(...args: readonly string[]): Promise<readonly string[]> {
  const { code, out } = await called('waypoint', ...args, '-f', '-');
  expect(code).toBe(0);
  return out.trimEnd().split('\n');
}

test('waypoint list prints the waypoints of a namespace, or of all', async () => {
  expect(await waypoint('list', '-n', 'shop')).toEqual([
    'NAME         REVISION     TRAFFIC TYPE     PROGRAMMED',
    'absent       default      none             False',
    'waypoint     canary       all              True',
  ]);
  expect((await waypoint('list', '-A')).map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
    ['NAMESPACE', 'NAME'],
    ['ops', 'edge'],
    ['shop', 'absent'],
    ['shop', 'waypoint'],
  ]);
  expect(await waypoint('list', '-n', 'nowhere')).toEqual(['No waypoints found.']);
});

test('waypoint status tells the condition of the manifest, else the one that istiod would write', async () => {
  expect((await waypoint('status', '-A')).map((line) => line.split(/ {5,}/).slice(1))).toEqual([
    ['NAME', 'STATUS', 'TYPE', 'REASON', 'MESSAGE'],
    ['edge', 'False', 'Programmed', 'Pending', 'soon'],
    [
      ...['absent', 'False', 'Programmed', 'AddressNotUsable'],
      'Failed to assign to any requested addresses: hostname "nowhere.shop.svc.cluster.local" not found',
    ],
    [
      ...['waypoint', 'True', 'Programmed', 'Programmed'],
      'Resource programmed, assigned to service(s) waypoint.shop.svc.cluster.local:15008',
    ],
  ]);
});

test('waypoint generate writes the Gateway that istioctl would write', async () => {
  expect((await called('waypoint', 'generate')).out).toBe(`apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: waypoint
spec:
  gatewayClassName: istio-waypoint
  listeners:
  - name: mesh
    port: 15008
    protocol: HBONE
`);
  const { out } = await called('waypoint', 'generate', '-n', 'shop', '--name', 'edge', '--for', 'all', '-r', 'canary');
  expect(out).toContain(`metadata:
  labels:
    istio.io/rev: canary
    istio.io/waypoint-for: all
  name: edge
  namespace: shop
`);
});

test('waypoint generate refuses what is no name and no traffic', async () => {
  expect(await called('waypoint', 'generate', '--name', 'none')).toMatchObject({ code: 64, out: '' });
  const { err } = await called('waypoint', 'generate', '--for', 'pods');
  expect(err).toContain('--for "pods": a waypoint is for one of all, none, service, workload');
});

test('the log levels of a ztunnel are refused with a word on who knows them', async () => {
  const { code, err } = await called('ztunnel-config', 'log', 'ztunnel-x', '--level', 'debug');
  expect(code).toBe(64);
  expect(err).toContain('asks a running ztunnel for its log levels');
});
