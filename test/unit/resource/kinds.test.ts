import { describe, expect, expectTypeOf, test } from 'vitest';
import type { VirtualService } from '../../../src/api/istio.gen.ts';
import type { ServiceSpec } from '../../../src/api/kubernetes.ts';
import { loadReleases } from '../../../src/releases/index.ts';
import { gatewayApiShapes } from '../../../src/resource/gateway-api-shapes.ts';
import { indexKinds } from '../../../src/resource/kinds.ts';
import { kubernetesShapes } from '../../../src/resource/kubernetes-shapes.ts';
import type { Resource } from '../../../src/resource/resource.ts';
import { resourcesOf } from '../../../src/resource/select.ts';

describe('kinds', () => {
  test('each that has a shape is served by a release', async () => {
    const releases = await loadReleases();
    const served = new Set(
      releases.flatMap((release) => {
        const kindOf = indexKinds(release);
        const groups = ['', 'apps', 'batch', 'discovery.k8s.io', 'networking.k8s.io', 'gateway.networking.k8s.io'];
        const analyzed = ['admissionregistration.k8s.io', 'apiextensions.k8s.io'];
        const names = [...Object.keys(kubernetesShapes), ...Object.keys(gatewayApiShapes)];
        return [...groups, ...analyzed].flatMap((group) => names.filter((name) => kindOf(group, name) !== undefined));
      }),
    );
    expect([...Object.keys(kubernetesShapes), ...Object.keys(gatewayApiShapes)].filter((name) => !served.has(name))).toEqual([]);
  });

  test('the kind of a resource tells the compiler the type of its spec', () => {
    const read = (resource: Resource): void => {
      if (resource.kind === 'Service') expectTypeOf(resource.spec).toEqualTypeOf<ServiceSpec>();
      if (resource.kind === 'Gateway' && resource.group === 'networking.istio.io')
        expectTypeOf(resource.spec).toHaveProperty('servers');
      // @ts-expect-error: two groups have a Gateway
      if (resource.kind === 'Gateway') void resource.spec.servers;
      // @ts-expect-error: there is no such kind
      if (resource.kind === 'VirtualServices') void resource;
    };
    expectTypeOf(resourcesOf([], 'VirtualService')[0]?.spec).toEqualTypeOf<VirtualService | undefined>();
    expect(read).toBeTypeOf('function');
  });
});
