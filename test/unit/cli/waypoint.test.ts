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

async function waypoint(...args: readonly string[]): Promise<readonly string[]> {
  let printed = '';
  const io = {
    ...createNodeIo(),
    readStandardInput: () => manifests,
    err: () => {},
    out: (content: unknown) => {
      printed += String(content);
      return true;
    },
  };
  expect(await run(['waypoint', ...args, '-f', '-'], io)).toBe(0);
  return printed.trimEnd().split('\n');
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
