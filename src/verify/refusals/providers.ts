import type { AuthorizationPolicy, MeshConfigExtensionProvider, Telemetry } from '../../api/istio.gen.ts';
import type { Path } from '../../diagnostics/diagnostic.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { Mesh } from '../../model/mesh.ts';
import type { ConfigSource } from '../../model/mesh-input.ts';
import type { Resource } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { formatPath } from '../../resource/shape.ts';
import { subjectOf, subjectOfConfig } from '../subject.ts';
import type { Blame } from './blame.ts';
import type { ClusterReference, Purpose } from './references.ts';

/** The members of extension providers that name a service, by what the service is for. */
const members: Readonly<Partial<Record<Purpose, readonly (keyof MeshConfigExtensionProvider)[]>>> = {
  tracing: ['zipkin', 'datadog', 'skywalking', 'opentelemetry'],
  'access log': ['envoyHttpAls', 'envoyTcpAls', 'envoyOtelAls'],
  authorization: ['envoyExtAuthzGrpc', 'envoyExtAuthzHttp'],
};

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
  meshConfig: ConfigSource | undefined,
  elsewhere: (reference: ClusterReference, snapshot: XdsSnapshot) => Blame,
): (reference: ClusterReference, snapshot: XdsSnapshot) => Blame {
  const uses: Readonly<Partial<Record<Purpose, readonly Use[]>>> = {
    tracing: resourcesOf(mesh.resources, 'Telemetry').flatMap((resource) => usesIn(resource, 'tracing')),
    'access log': resourcesOf(mesh.resources, 'Telemetry').flatMap((resource) => usesIn(resource, 'accessLogging')),
    authorization: resourcesOf(mesh.resources, 'AuthorizationPolicy').flatMap(useOf),
  };
  return (reference, snapshot) => {
    const { purpose, cluster } = reference;
    const [, port, , host] = cluster.split('|');
    const providers = (mesh.config.extensionProviders ?? []).flatMap((provider, index) =>
      (members[purpose] ?? []).flatMap((member) => {
        const settings = provider[member];
        if (typeof settings !== 'object' || !('service' in settings)) return [];
        const isMeant = String(settings.service).replace(/^.*\//, '') === host && String(settings.port) === port;
        return isMeant ? [{ name: provider.name?.toLowerCase(), path: ['extensionProviders', index, member, 'service'] }] : [];
      }),
    );
    // What is nearest to the proxy counts before what is for the whole mesh.
    for (const namespace of [snapshot.proxy.namespace, mesh.rootNamespace]) {
      const use = uses[purpose]?.find(
        ({ resource, provider }) =>
          resource.namespace === namespace && providers.some(({ name }) => name === provider.toLowerCase()),
      );
      if (use !== undefined) return { subject: subjectOf(use.resource, use.path), field: formatPath(use.path) };
    }
    const [first] = providers;
    if (first === undefined || meshConfig === undefined) return elsewhere(reference, snapshot);
    return { subject: subjectOfConfig(meshConfig, first.path), field: formatPath(first.path) };
  };
}

function usesIn(resource: Resource<Telemetry>, list: 'tracing' | 'accessLogging'): readonly Use[] {
  return (resource.spec[list] ?? []).flatMap(({ providers = [] }, i) =>
    providers.map(({ name = '' }, j) => ({ resource, path: ['spec', list, i, 'providers', j, 'name'], provider: name })),
  );
}

function useOf(resource: Resource<AuthorizationPolicy>): readonly Use[] {
  const { provider } = resource.spec;
  return provider?.name === undefined ? [] : [{ resource, path: ['spec', 'provider', 'name'], provider: provider.name }];
}
