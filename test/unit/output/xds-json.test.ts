import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import type { XdsSnapshot } from '../../../src/envoy/snapshot.ts';
import { createXdsPrinter, resourcesOfSnapshot } from '../../../src/output/xds-json.ts';
import { withOrigin } from '../../../src/util/origin.ts';

const snapshot: XdsSnapshot = {
  proxy: { name: 'web-0', namespace: 'shop', type: 'sidecar' },
  listeners: [{ name: 'virtualOutbound' }, { name: '0.0.0.0_80', statPrefix: 'größe' }],
  routes: [],
  clusters: [withOrigin({ name: 'b' }, { kind: 'Service', name: 'b', namespace: 'shop' }), { name: 'a' }],
  endpoints: [{ clusterName: 'b', endpoints: [] }],
  extensionConfigs: [],
  notes: [],
};

describe('xDS as JSON', () => {
  test('is what JSON.stringify prints, at any depth, also when asked again', () => {
    const printer = createXdsPrinter();
    const resources = resourcesOfSnapshot(snapshot, 'sent');
    const text = (depth: number): string => Buffer.from(printer.print(resources, depth)).toString('utf8');
    for (const depth of [0, 0, 2]) {
      const expected = JSON.stringify(resources, null, 2).replaceAll('\n', `\n${'  '.repeat(depth)}`);
      expect(text(depth)).toBe(expected);
    }
  });

  test('is the same when what was printed before is forgotten', () => {
    const printer = createXdsPrinter('indented', 20);
    const resources = resourcesOfSnapshot(snapshot, 'sent');
    const texts = [1, 2, 3].map(() => Buffer.from(printer.print(resources, 0)).toString('utf8'));
    expect(texts).toEqual(texts.map(() => JSON.stringify(resources, null, 2)));
  });

  test('can put each resource on a line of its own', () => {
    const text = Buffer.from(createXdsPrinter('a line each').print(resourcesOfSnapshot(snapshot, 'by name'), 0)).toString('utf8');
    expect(text.split('\n').slice(0, 5)).toEqual(['{', '  "clusters": [', '    {"name":"a"},', '    {"name":"b"}', '  ],']);
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(resourcesOfSnapshot(snapshot, 'by name'))));
  });

  test('lists can be by name', () => {
    const { clusters, listeners } = resourcesOfSnapshot(snapshot, 'by name');
    expect([...clusters, ...listeners].map((resource) => (resource as { name: string }).name)).toEqual([
      'a',
      'b',
      '0.0.0.0_80',
      'virtualOutbound',
    ]);
  });
});
