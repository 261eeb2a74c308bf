import { expect, test } from 'vitest';
import { buildMesh } from '../../../../src/model/build-mesh.ts';
import { singleCluster } from '../../../../src/model/mesh-input.ts';
import { defaultRelease } from '../../../../src/releases/index.ts';
import { resourcesOfYaml } from '../../../support/resources.ts';

const filter = (name: string, metadata = '', spec = '') => `
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: ${name}, namespace: shop${metadata}}
spec: {${spec}}
---`;
const pod = `
apiVersion: v1
kind: Pod
metadata: {name: cart, namespace: shop}
spec: {containers: [{name: app}]}
status: {podIP: 10.244.0.10}
`;

function order(ordersFiltersByName: boolean, ...filters: readonly string[]): readonly string[] {
  const release = { ...defaultRelease, behaviours: { ...defaultRelease.behaviours, ordersFiltersByName } };
  const mesh = buildMesh(singleCluster(resourcesOfYaml([...filters, pod].join('')), {}, undefined, release));
  const [proxy] = mesh.proxies;
  return proxy === undefined ? [] : mesh.envoyFilters.selectedFor(proxy).map(({ name }) => name);
}

test('EnvoyFilters of one age are in the order of their names', () => {
  expect(order(true, filter('cart-limits'), filter('cart'), filter('a'))).toEqual(['a', 'cart', 'cart-limits']);
});

test('with the namespace behind the names, a name comes after those that go on with a dash', () => {
  expect(order(false, filter('cart-limits'), filter('cart'), filter('a'))).toEqual(['a', 'cart-limits', 'cart']);
});

test.each([true, false])('priority and age come first (%s)', (byName) => {
  const old = ', creationTimestamp: "2020-01-01T00:00:00Z"';
  expect(order(byName, filter('cart'), filter('cart-limits', old), filter('first', '', 'priority: -1'))).toEqual([
    'first',
    'cart-limits',
    'cart',
  ]);
});
