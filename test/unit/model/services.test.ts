import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildServiceRegistry } from '../../../src/model/services.ts';
import { resourcesOfFolder, resourcesOfYaml } from '../../support/resources.ts';

const registryOf = (yaml: string) => buildServiceRegistry(resourcesOfYaml(yaml), {});

const catalog = `
apiVersion: v1
kind: Service
metadata: {name: catalog, namespace: shop}
spec:
  clusterIP: 10.96.0.1
  selector: {app: catalog}
  ports:
  - {name: http-web, port: 80, targetPort: web}
  - {name: tcp-raw, port: 9000}
---
apiVersion: v1
kind: Pod
metadata: {name: catalog-1, namespace: shop, labels: {app: catalog}}
spec: {containers: [{name: app, ports: [{name: web, containerPort: 8080}]}]}
status: {podIP: 10.244.0.1}
`;

describe('buildServiceRegistry', () => {
  test('a service has the endpoints of the pods it selects, with named target ports resolved', () => {
    const registry = registryOf(catalog);
    const [service] = registry.services;
    expect(service).toMatchObject({ hostname: 'catalog.shop.svc.cluster.local', address: '10.96.0.1', resolution: 'clientSide' });
    const ports = service?.ports ?? [];
    const found = ports.map((port) => service && registry.discoveredEndpointsOf(service, port));
    expect(found).toMatchObject([
      [{ address: '10.244.0.1', port: 8080, tlsMode: 'istio', health: 'healthy', workloadName: 'catalog-1' }],
      [{ address: '10.244.0.1', port: 9000 }],
    ]);
  });

  test('a pod serves the ports of the services that select it', () => {
    const registry = registryOf(catalog);
    const [workload] = registry.workloads;
    const targets = workload ? registry.targetsOf(workload) : [];
    expect(targets.map(({ port, targetPort }) => [port.name, targetPort])).toEqual([
      ['http-web', 8080],
      ['tcp-raw', 9000],
    ]);
  });
});

describe('recorded meshes', () => {
  const folder = resolve(import.meta.dirname, '../../../fixtures/istiod');
  test.each(readdirSync(folder))('%s can be read', (name) => {
    expect(buildServiceRegistry(resourcesOfFolder(join(folder, name, 'manifests')), {}).workloads.length).toBeGreaterThan(0);
  });
});
