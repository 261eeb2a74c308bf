import { expect, test } from 'vitest';
import type { MeshConfig } from '../../../../src/api/istio.gen.ts';
import type { ServiceRegistry } from '../../../../src/model/registry/service.ts';
import { buildServiceRegistry } from '../../../../src/model/registry/services.ts';
import type { Resource } from '../../../../src/resource/resource.ts';
import { createAgain } from '../../../../src/util/again.ts';
import { resourcesOfYaml } from '../../../support/resources.ts';

const resources = resourcesOfYaml(`
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {clusterIP: 10.96.0.1, selector: {app: web}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {clusterIP: 10.96.0.2, selector: {app: api}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: shop, labels: {app: web}}
spec: {containers: [{name: app}]}
status: {podIP: 10.1.0.1}
---
apiVersion: v1
kind: Pod
metadata: {name: api-1, namespace: shop, labels: {app: api}}
spec: {containers: [{name: app}]}
status: {podIP: 10.1.0.2}
`);

const written: MeshConfig = {};

/** Which services are other objects in a second state than in the first. */
function changedIn(second: readonly Resource[], config = written): readonly string[] {
  const again = createAgain();
  const before = buildServiceRegistry(resources, written, {}, again);
  const after: ServiceRegistry = buildServiceRegistry(second, config, {}, again);
  return after.services.filter((service) => !before.services.includes(service)).map(({ name }) => name);
}

const withPod = (change: Partial<Resource>): readonly Resource[] =>
  resources.map((resource) => (resource.name === 'web-1' ? ({ ...resource, ...change } as Resource) : resource));

test('a service stays the same object while the registry says the same of it', () => {
  expect(changedIn([...resources])).toEqual([]);
  expect(changedIn(resources.filter(({ name }) => name !== 'api-1'))).toEqual(['api']);
});

test('it is another one where one of its pods is', () => {
  expect(changedIn(withPod({ labels: { app: 'web', colour: 'blue' } }))).toEqual(['web']);
  expect(changedIn(withPod({ labels: { app: 'api' } }))).toEqual(['api', 'web']);
  expect(changedIn(withPod({ labels: { app: 'nothing' } }))).toEqual(['web']);
});

test('it is another one where MeshConfig is', () => {
  expect(changedIn([...resources], { trustDomain: 'other' })).toEqual(['api', 'web']);
});
