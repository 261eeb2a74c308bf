import { expect, test } from 'vitest';
import { buildMesh } from '../../../src/model/build-mesh.ts';
import { singleCluster } from '../../../src/model/mesh-input.ts';
import { defaultRelease } from '../../../src/releases/index.ts';
import type { Behaviours } from '../../../src/releases/release.ts';
import { createScopeBuilder } from '../../../src/scope/sidecar-scope.ts';
import { resourcesOfYaml } from '../../support/resources.ts';

const entry = (name: string, host: string, port: number, year: number, exportTo = '*') => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: ${name}, namespace: shop, creationTimestamp: "${year}-01-01T00:00:00Z"}
spec: {hosts: [${host}], ports: [{number: ${port}, name: p${port}, protocol: HTTP}], resolution: DNS, exportTo: ["${exportTo}"]}
---`;
const documents = [
  entry('old', 'a.example', 80, 2020),
  entry('young', 'a.example', 8080, 2021),
  entry('private', 'b.example', 80, 2022, '.'),
  entry('elsewhere', 'c.example', 80, 2019, 'other'),
];

/** The services with their ports that a Sidecar of namespace `shop` with these egress hosts imports. */
function imported(
  looksUpExactHosts: boolean,
  hosts: string,
  more: Partial<Behaviours> = {},
  entries: readonly string[] = [],
): readonly string[] {
  const sidecar = `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: default, namespace: shop}
spec: {egress: [{hosts: ${hosts}}]}
`;
  const release = { ...defaultRelease, behaviours: { ...defaultRelease.behaviours, looksUpExactHosts, ...more } };
  const resources = resourcesOfYaml([...documents, ...entries, sidecar].join(''));
  const mesh = buildMesh(singleCluster(resources, {}, undefined, release));
  const found = resources.find((resource) => resource.kind === 'Sidecar');
  if (found?.kind !== 'Sidecar') throw new Error('no Sidecar');
  return createScopeBuilder(mesh)
    .forSidecars(found, 'shop')
    .services.map(({ hostname, ports }) => `${hostname} ${ports.map(({ port }) => port).join()}`);
}

test('hosts that are named one by one are those of the oldest services, in the order of creation', () => {
  expect(imported(true, '[shop/b.example, ./a.example, shop/c.example]')).toEqual(['a.example 80', 'b.example 80']);
});

test.each(['[shop/*]', '[shop/a.example, "*/b.example"]', '["shop/*.example"]'])(
  'with %s all services are asked, and those of one host join their ports',
  (hosts) => {
    expect(imported(true, hosts)).toEqual(['b.example 80', 'a.example 80,8080']);
  },
);

test('services of other namespaces that are exported by name come in the order of creation, or after the own ones', () => {
  const theirs = (name: string, year: number) =>
    entry(name, `${name}.example`, 80, year, 'shop').replace('namespace: shop', 'namespace: other');
  const imports = (ordersExportsByAge: boolean) =>
    imported(false, '["*/*"]', { ordersExportsByAge }, [theirs('first', 2021), theirs('last', 2023)]);
  expect(imports(true)).toEqual(['first.example 80', 'b.example 80', 'last.example 80', 'a.example 80,8080']);
  expect(imports(false)).toEqual(['b.example 80', 'first.example 80', 'last.example 80', 'a.example 80,8080']);
});

test('so they are for hosts that are named, in releases that do not look them up', () => {
  expect(imported(false, '[shop/a.example, shop/b.example]')).toEqual(['b.example 80', 'a.example 80,8080']);
});
