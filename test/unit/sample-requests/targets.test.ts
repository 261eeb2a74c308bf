import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inputOfTexts, openWorkbench } from '../../../src/index.ts';
import { createTargetFinder, targetsOf } from '../../../src/sample-requests/targets.ts';
import { casesIn } from '../../support/recorded-case.ts';

const cases = resolve(import.meta.dirname, '../../../fixtures/istiod');

function proxiesOf(name: string) {
  const folder = join(cases, name, 'manifests');
  const texts = readdirSync(folder).map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }));
  const bench = openWorkbench(inputOfTexts(texts));
  return bench.proxies.flatMap((proxy) => bench.snapshotOf(proxy) ?? []);
}

describe('a finder of targets', () => {
  test('finds what each proxy has by itself, and each two have together, whatever they share', () => {
    for (const name of casesIn(cases).filter((_, index) => index % 12 === 0)) {
      const findTargets = createTargetFinder();
      const snapshots = proxiesOf(name).slice(0, 6);
      for (const snapshot of snapshots) {
        expect(findTargets(snapshot), name).toEqual([...targetsOf(snapshot).values()]);
        for (const other of snapshots) {
          expect(findTargets(snapshot, other), name).toEqual([...targetsOf(snapshot, other).values()]);
        }
      }
    }
  });

  test('makes them once for proxies with the same routes', () => {
    const pod = (name: string) => `apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {app: ${name}, sidecar.istio.io/inject: "true"}}
spec: {containers: [{name: c, image: i}]}
status: {podIP: 10.0.0.${name.length}}
---
`;
    const service = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {clusterIP: 10.1.0.1, selector: {app: web}, ports: [{name: http, port: 80}]}
`;
    const bench = openWorkbench(inputOfTexts([{ file: 'm.yaml', text: pod('web') + pod('cart') + pod('orders') + service }]));
    const findTargets = createTargetFinder();
    const [cart = [], orders = []] = ['shop/cart', 'shop/orders'].map((name) => {
      const snapshot = bench.snapshotOf(name);
      return snapshot === undefined ? [] : findTargets(snapshot);
    });
    expect(cart.some(({ host }) => host === 'web.shop.svc.cluster.local')).toBe(true);
    expect(orders).toBe(cart);
  });
});
