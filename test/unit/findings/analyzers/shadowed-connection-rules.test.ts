import { describe, expect, test } from 'vitest';
import { inputOfTexts } from '../../../../src/input/load.ts';
import { openCheckedWorkbench } from '../../../../src/workbench/checked.ts';

const rules = (list: 'tcp' | 'tls', ...matches: readonly string[]): string => `
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {ports: [{name: tcp-db, port: 5000}, {name: tls, port: 443}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: db, namespace: shop}
spec:
  hosts: [db.shop.svc.cluster.local]
  ${list}:
${matches.map((match) => `  - match: [${match}]\n    route: [{destination: {host: db.shop.svc.cluster.local, port: {number: 5000}}}]`).join('\n')}
`;

/** What is said of rules that are never reached. */
function told(text: string): readonly string[] {
  const bench = openCheckedWorkbench(inputOfTexts([{ file: 'm.yaml', text }]));
  return bench
    .findings({ verification: 'always', now: 0 })
    .filter(({ code }) => ['MESH2008', 'IST0130'].includes(code))
    .map(({ code, message }) => `${code} ${message}`);
}

describe('rules for connections of which sidecars make no filter chain', () => {
  test('a tcp rule for some clients or addresses after one for all of them', () => {
    const sentence =
      'MESH2008 spec.tcp[1] is never reached: spec.tcp[0] takes every connection that it matches; put it before, or narrow the other';
    expect(told(rules('tcp', '{port: 5000}', '{port: 5000, sourceLabels: {app: web}}'))).toEqual([sentence]);
    expect(told(rules('tcp', '{port: 5000}', '{port: 5000, destinationSubnets: [10.0.0.0/8]}'))).toEqual([sentence]);
    expect(told(rules('tcp', '{sourceLabels: {app: web}}', '{port: 5000, sourceLabels: {app: web, version: v1}}'))).toEqual([
      sentence,
    ]);
  });

  test('a tls rule for some clients after one for all of them with the same names', () => {
    const names = 'sniHosts: [db.shop.svc.cluster.local]';
    expect(told(rules('tls', `{${names}}`, `{${names}, sourceNamespace: shop}`))).toEqual([
      'MESH2008 spec.tls[1] is never reached: spec.tls[0] takes every connection that it matches; put it before, or narrow the other',
    ]);
  });

  test('none where some connections are left', () => {
    expect(told(rules('tcp', '{port: 5000, sourceLabels: {app: web}}', '{port: 5000}'))).toEqual([]);
    expect(told(rules('tcp', '{port: 5000}', '{sourceLabels: {app: web}}'))).toEqual([]);
    expect(
      told(rules('tcp', '{port: 5000, destinationSubnets: [10.0.0.0/8]}', '{port: 5000, sourceLabels: {app: web}}')),
    ).toEqual([]);
    expect(told(rules('tcp', '{port: 5000, gateways: [edge]}', '{port: 5000, sourceLabels: {app: web}}'))).toEqual([]);
    expect(told(rules('tls', '{sniHosts: [a.shop, b.shop]}', '{sniHosts: [a.shop], sourceNamespace: shop}'))).toEqual([]);
  });

  test('none beside what istioctl says of two that are written alike', () => {
    expect(told(rules('tcp', '{port: 5000}', '{port: 5000}'))).toEqual([expect.stringMatching(/^IST0130/)]);
  });
});
