import type { Path } from '../../../diagnostics/diagnostic.ts';
import type { XdsSnapshot } from '../../../envoy/snapshot.ts';
import type { Mesh } from '../../../model/mesh.ts';
import type { ConfigPlace } from '../../../model/mesh-input.ts';
import type { Resource, ResourceOf } from '../../../resource/resource.ts';
import { resourcesOf } from '../../../resource/select.ts';
import { formatPath } from '../../../resource/shape.ts';
import { at, inConfig } from '../../subject.ts';
import type { Blame } from './blame.ts';
import type { ClusterReference, Purpose } from './references.ts';
import { valueAt } from './written.ts';

/** A field that names an extension provider. */
interface Use {
  readonly resource: Resource;
  readonly path: Path;
  readonly provider: string;
}

/**
 * A finder of who has a proxy send to the service of an extension provider: the Telemetry or AuthorizationPolicy that names the provider,
 * else MeshConfig. `elsewhere` tells of what no provider has named.
 */
export function createProviderFinder(
  mesh: Mesh,
  meshConfig: ConfigPlace | undefined,
  elsewhere: (reference: ClusterReference, snapshot: XdsSnapshot) => Blame,
): (reference: ClusterReference, snapshot: XdsSnapshot) => Blame {
  const uses: Readonly<Partial<Record<Purpose, readonly Use[]>>> = {
    tracing: resourcesOf(mesh.resources, 'Telemetry').flatMap((resource) => usesIn(resource, 'tracing')),
    'access log': resourcesOf(mesh.resources, 'Telemetry').flatMap((resource) => usesIn(resource, 'accessLogging')),
    authorization: resourcesOf(mesh.resources, 'AuthorizationPolicy').flatMap(useOf),
  };
  return (reference, snapshot) => {
    const { purpose, cluster, members } = reference;
    const [, port, , host] = cluster.split('|');
    const providers = (mesh.config.extensionProviders ?? []).flatMap((provider) =>
      members.flatMap((member) => {
        const settings = provider[member];
        if (typeof settings !== 'object' || !('service' in settings)) return [];
        const isMeant = String(settings.service).replace(/^.*\//, '') === host && String(settings.port) === port;
        return isMeant ? [{ name: provider.name?.toLowerCase(), member }] : [];
      }),
    );
    // What is nearest to the proxy counts before what is for the whole mesh.
    for (const namespace of [snapshot.proxy.namespace, mesh.rootNamespace]) {
      const use = uses[purpose]?.find(
        ({ resource, provider }) =>
          resource.namespace === namespace && providers.some(({ name }) => name === provider.toLowerCase()),
      );
      if (use !== undefined) return { subject: at(use.resource, use.path), field: formatPath(use.path) };
    }
    const path = meshConfig && writtenProvider(meshConfig, providers);
    if (path === undefined || meshConfig === undefined) return elsewhere(reference, snapshot);
    return { subject: inConfig(meshConfig, path), field: formatPath(path) };
  };
}

/** Where MeshConfig names the service of one of the providers; those that are used by default go before others. */
function writtenProvider(
  { document }: ConfigPlace,
  providers: readonly { readonly name: string | undefined; readonly member: string }[],
): Path | undefined {
  const written = valueAt(document.value, ['extensionProviders']);
  const defaults = JSON.stringify(valueAt(document.value, ['defaultProviders']) ?? '').toLowerCase();
  const found = (Array.isArray(written) ? written : []).flatMap((provider, index) => {
    const name = String(valueAt(provider, ['name'])).toLowerCase();
    const used = providers.find((each) => each.name === name);
    return used === undefined ? [] : [{ name, path: ['extensionProviders', index, used.member, 'service'] }];
  });
  return (found.find(({ name }) => defaults.includes(`"${name}"`)) ?? found[0])?.path;
}

function usesIn(resource: ResourceOf<'Telemetry'>, list: 'tracing' | 'accessLogging'): readonly Use[] {
  return (resource.spec[list] ?? []).flatMap(({ providers = [] }, i) =>
    providers.map(({ name = '' }, j) => ({ resource, path: ['spec', list, i, 'providers', j, 'name'], provider: name })),
  );
}

function useOf(resource: ResourceOf<'AuthorizationPolicy'>): readonly Use[] {
  const { provider } = resource.spec;
  return provider?.name === undefined ? [] : [{ resource, path: ['spec', 'provider', 'name'], provider: provider.name }];
}
