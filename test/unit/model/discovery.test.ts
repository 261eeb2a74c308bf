import { describe, expect, test } from 'vitest';
import type { MeshConfig } from '../../../src/api/istio.gen.ts';
import { buildMesh } from '../../../src/model/build-mesh.ts';
import { singleCluster } from '../../../src/model/mesh-input.ts';
import { defaultRelease } from '../../../src/releases/index.ts';
import { resourcesOfYaml } from '../../support/resources.ts';

const resources = resourcesOfYaml(`
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {mesh: "true", istio-injection: enabled}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: legacy, labels: {istio-injection: enabled}}}
---
{apiVersion: v1, kind: Service, metadata: {name: cart, namespace: shop}, spec: {ports: [{port: 80}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: old, namespace: legacy}, spec: {selector: {app: old}, ports: [{port: 80}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: old-1, namespace: legacy, labels: {app: old}}, spec: {containers: [{name: app}]}}
`);

const namesOf = (discoverySelectors: MeshConfig): string[] =>
  buildMesh(singleCluster(resources, discoverySelectors)).registry.services.map(({ name }) => name);

describe('discovery selectors', () => {
  test('hide the namespaces that none of them matches', () => {
    expect(namesOf({ discoverySelectors: [{ matchLabels: { mesh: 'true' } }] })).toEqual(['cart']);
    expect(namesOf({ discoverySelectors: [{ matchExpressions: [{ key: 'mesh', operator: 'DoesNotExist' }] }] })).toEqual(['old']);
  });

  test('see everything when there are none, or one is empty or malformed', () => {
    expect(namesOf({})).toEqual(['cart', 'old']);
    expect(namesOf({ discoverySelectors: [{}] })).toEqual(['cart', 'old']);
    expect(namesOf({ discoverySelectors: [{ matchExpressions: [{ key: 'mesh', operator: 'Like' }] }] })).toEqual(['cart', 'old']);
  });

  test('leave nothing of other namespaces where istiod watches one only, whatever they select', () => {
    const namesIn = (watchNamespace: string, config: MeshConfig = {}): string[] => {
      const release = { ...defaultRelease, behaviours: { ...defaultRelease.behaviours, watchNamespace } };
      return buildMesh(singleCluster(resources, config, undefined, release)).registry.services.map(({ name }) => name);
    };
    expect(namesIn('legacy')).toEqual(['old']);
    expect(namesIn('legacy', { discoverySelectors: [{ matchLabels: { mesh: 'true' } }] })).toEqual([]);
    expect(namesIn('')).toEqual(['cart', 'old']);
  });

  test('leave hidden pods their proxies, which serve nothing', () => {
    const mesh = buildMesh(singleCluster(resources, { discoverySelectors: [{ matchLabels: { mesh: 'true' } }] }));
    expect(mesh.proxies).toMatchObject([{ name: 'old-1', targets: [] }]);
  });
});
