import type { Report } from '../../diagnostics/diagnostic.ts';
import {
  destinationRuleSubsetNotSelectPods,
  unknownDestinationRuleHost,
} from '../../diagnostics/problems/istio/destination-rules.ts';
import { selects } from '../../model/labels.ts';
import { CLUSTER_LABEL, NETWORK_LABEL, withPlaceLabels } from '../../model/registry/locality.ts';
import { hostCovers, isWildcard } from '../../model/traffic/host.ts';
import type { Labels, ResourceOf } from '../../resource/resource.ts';
import { at } from '../subject.ts';
import { type Analyzer, asHint } from './support/analyzer.ts';
import { reportEach } from './support/each.ts';
import { absentService } from './support/hosts.ts';
import type { Reader } from './support/reader.ts';
import { absentPods } from './support/selectors.ts';
import { createServiceLookup } from './support/services.ts';

const REGION = 'topology.kubernetes.io/region';
const ZONE = 'topology.kubernetes.io/zone';
const SUBZONE = 'topology.istio.io/subzone';
const HOSTNAME = 'kubernetes.io/hostname';
/** Labels that a pod gets from the node it runs on. */
const NODE_LABELS: readonly string[] = [REGION, ZONE, SUBZONE, HOSTNAME];
/** Labels that endpoints get from their cluster, which tell apart where there are several. */
const PLACE_LABELS: readonly string[] = [CLUSTER_LABEL, NETWORK_LABEL];

/** istio analyzers/destinationrule/subset.go. */
export const destinationRuleSubsets: Analyzer = {
  name: 'destinationrule.SubsetSelectPodAnalyzer',
  about: 'DestinationRules are for services that exist, and their subsets select pods',
  reads: ['DestinationRule', 'Pod', 'Service', 'ServiceEntry', 'Node'],
  codes: [unknownDestinationRuleHost.code, destinationRuleSubsetNotSelectPods.code],
  needsAll: ['Service', 'ServiceEntry', 'Pod'],
  run(reader, report) {
    const destinationRules = reader.list('DestinationRule');
    if (destinationRules.length === 0) return;
    const lookup = createServiceLookup(reader);
    const selectsAny = createPodTest(reader);
    const check = (resource: ResourceOf<'DestinationRule'>, note: Report): void => {
      const { host = '', exportTo, subsets = [] } = resource.spec;
      const service = lookup(host, resource.namespace, exportTo);
      if (service === undefined) {
        const absent = absentService(host, resource.namespace, reader.clusterDomain);
        const found = unknownDestinationRuleHost({ ...at(resource), absent }, host);
        const applies = isWildcard(host) && reader.mesh().registry.services.some(({ hostname }) => hostCovers(host, hostname));
        const reason =
          'it applies to the services under that host that have no rule of their own: istioctl looks for one of that very name';
        note(applies ? asHint(found, reason) : found);
        return;
      }
      const byName = new Map(subsets.map(({ name = '', labels = {} }) => [name, { ...service.workloadSelector, ...labels }]));
      for (const [name, selector] of byName) {
        if (selectsAny(selector)) continue;
        const { namespace } = absentService(host, resource.namespace, reader.clusterDomain);
        note(destinationRuleSubsetNotSelectPods({ ...at(resource), absent: absentPods(namespace, selector) }, name));
      }
    };
    reportEach(
      reader,
      'subsets',
      'DestinationRule',
      () => [lookup, reader.pods, reader.list('Node'), reader.mesh().registry, reader.fleet],
      check,
      report,
    );
  },
};

/** Tells whether a selector takes any pod, with the labels of its node. */
function createPodTest(reader: Reader): (selector: Labels) => boolean {
  const nodes = new Map(reader.list('Node').map(({ name, labels }) => [name, labels]));
  return (selector) => {
    if (reader.fleet !== undefined && Object.keys(selector).some((key) => PLACE_LABELS.includes(key))) {
      return reader
        .mesh()
        .registry.workloads.some(({ labels, locality: { region, zone, subzone }, ...place }) =>
          selects(selector, withPlaceLabels(labels, { ...place, locality: [region, zone, subzone].join('/') })),
        );
    }
    if (!Object.keys(selector).some((key) => NODE_LABELS.includes(key))) return reader.pods.hasAny(selector);
    return reader.pods.all.some(({ labels, spec }) =>
      selects(selector, { ...labels, ...nodeLabels(spec.nodeName ?? '', nodes) }),
    );
  };
}

function nodeLabels(name: string, nodes: ReadonlyMap<string, Labels>): Labels {
  const node = nodes.get(name) ?? {};
  const [region = '', zone = '', subzone = ''] = [node[REGION], node[ZONE], node[SUBZONE]];
  return {
    ...(region !== '' && { [REGION]: region }),
    ...(zone !== '' && { [ZONE]: zone }),
    ...(zone !== '' && subzone !== '' && { [SUBZONE]: subzone }),
    ...(name !== '' && { [HOSTNAME]: name }),
  };
}
