import type { KubernetesServicePort } from '../../api/kubernetes.ts';
import { multiClusterInconsistentService } from '../../diagnostics/problems/istio/general.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { resourcesOf } from '../../resource/select.ts';
import { append } from '../../util/collections.ts';
import { compareText } from '../../util/text.ts';
import { at } from '../subject.ts';
import { type Analyzer, asHint } from './support/analyzer.ts';

interface Definition {
  readonly cluster: string;
  readonly service: ResourceOf<'Service'>;
}

const IGNORED: readonly string[] = ['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage'];

/**
 * istio analyzers/multicluster/service.go. istioctl takes the first cluster that it comes upon for the one that others are compared
 * with; here that is the first by name.
 */
export const fleetServices: Analyzer = {
  name: 'services.MultiClusterServiceAnalyzer',
  about: 'Services of one name are the same in all clusters',
  reads: ['Service'],
  codes: [multiClusterInconsistentService.code],
  isOfFleet: true,
  run({ fleet }, report) {
    const byName = new Map<string, Definition[]>();
    for (const { name: cluster, written } of fleet?.clusters ?? []) {
      const last = new Map(resourcesOf(written, 'Service').map((service) => [nameOf(service), service]));
      for (const [key, service] of last) append(byName, key, { cluster, service });
    }
    for (const definitions of byName.values()) {
      const [first, ...others] = definitions;
      if (first === undefined || others.length === 0 || IGNORED.includes(first.service.namespace)) continue;
      const inconsistent = new Set<string>();
      const reasons = new Set<string>();
      for (const { cluster, service } of others) {
        if (isHeadless(service) !== isHeadless(first.service)) {
          for (const each of definitions) inconsistent.add(each.cluster);
          reasons.add('service has mixed mode like headless and clusterIP');
        }
        if (typeOf(service) !== typeOf(first.service)) {
          inconsistent.add(cluster);
          reasons.add('service type is inconsistent');
        }
        if (portsText(service, allOfPort) !== portsText(first.service, allOfPort)) {
          inconsistent.add(cluster);
          reasons.add('service ports are inconsistent');
        }
      }
      if (reasons.size === 0) continue;
      const clusters = [...inconsistent.add(first.cluster)].sort(compareText);
      const { name, namespace } = first.service;
      const found = multiClusterInconsistentService(at(first.service), name, namespace, clusters, [...reasons].sort().join('; '));
      const elsewhere = others
        .filter(({ cluster }) => inconsistent.has(cluster))
        .map(({ cluster, service }) => ({ message: `in cluster ${cluster}`, location: at(service).location }));
      const related = elsewhere.flatMap(({ message, location }) => (location === undefined ? [] : [{ message, location }]));
      const finding = { ...found, related };
      const reason = whyHarmless(definitions);
      report(reason === undefined ? finding : asHint(finding, reason));
    }
  },
};

function nameOf({ namespace, name }: ResourceOf<'Service'>): string {
  return `${namespace}/${name}`;
}

function isHeadless({ spec }: ResourceOf<'Service'>): boolean {
  return spec.clusterIP === 'None';
}

function typeOf({ spec }: ResourceOf<'Service'>): string {
  return spec.type ?? 'ClusterIP';
}

/** The ports of a Service as text, with what `of` takes from each, by name. */
function portsText({ spec }: ResourceOf<'Service'>, of: (port: KubernetesServicePort) => unknown): string {
  const ports = [...(spec.ports ?? [])].sort((a, b) => compareText(a.name ?? '', b.name ?? ''));
  return JSON.stringify(ports.map(of));
}

/** With what the API server fills in. */
function allOfPort(port: KubernetesServicePort): unknown {
  const { name = '', protocol = 'TCP', targetPort = port.port, appProtocol = '' } = port;
  return [name, protocol, port.port, targetPort, appProtocol];
}

function seenOfPort({ name = '', protocol = 'TCP', port, appProtocol = '' }: KubernetesServicePort): unknown {
  return [name, protocol, port, appProtocol];
}

/**
 * Why differences change nothing for clients in the mesh; undefined where they do: Services are merged, endpoints are found by the names of
 * ports, each with the target port of its own cluster, and how a Service is reached from outside concerns nobody in the mesh.
 */
function whyHarmless(definitions: readonly Definition[]): string | undefined {
  const differs = (of: (service: ResourceOf<'Service'>) => unknown): boolean =>
    new Set(definitions.map(({ service }) => of(service))).size > 1;
  if (differs(isHeadless) || differs((service) => typeOf(service) === 'ExternalName')) return undefined;
  if (differs((service) => portsText(service, seenOfPort))) {
    return differs(typeOf) ? undefined : 'MESH1702 says what follows from it';
  }
  return 'clients in the mesh are not concerned, since each endpoint counts with the target port of its own cluster';
}
