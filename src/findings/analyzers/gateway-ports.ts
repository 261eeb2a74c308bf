import { gatewayPortNotDefinedOnService } from '../../diagnostics/problems/istio/gateways.ts';
import { referencedResourceNotFound } from '../../diagnostics/problems/istio/general.ts';
import { selects } from '../../model/labels.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { groupBy } from '../../util/collections.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';
import type { Reader } from './support/reader.ts';
import { absentPods, firstLabelOf, formatSelector } from './support/selectors.ts';

/** istio analyzers/gateway/gateway.go. */
export const gatewayPorts: Analyzer = {
  name: 'gateway.IngressGatewayPortAnalyzer',
  about: 'The ports of Gateways are among those of the Services of their workloads',
  reads: ['Gateway', 'Pod', 'Service'],
  codes: [referencedResourceNotFound.code, gatewayPortNotDefinedOnService.code],
  needsAll: ['Pod', 'Service'],
  run(reader, report) {
    const portsOf = createPortFinder(reader);
    for (const resource of reader.list('Gateway')) {
      const { selector, servers = [] } = resource.spec;
      const subject = at(resource, ['spec', 'selector', firstLabelOf(selector)]);
      const ports = portsOf(resource);
      if (ports === undefined) {
        report(
          referencedResourceNotFound({ ...subject, absent: absentPods('', selector) }, 'selector', formatSelector(selector)),
        );
        continue;
      }
      for (const { port } of servers) {
        if (port === undefined || ports.has(port.number ?? 0)) continue;
        report(gatewayPortNotDefinedOnService(subject, port.number ?? 0, formatSelector(selector)));
      }
    }
  },
};

/** Finds the TCP ports and target ports of all Services of a gateway's pods; undefined when it has no pods. */
function createPortFinder(reader: Reader): (gateway: ResourceOf<'Gateway'>) => ReadonlySet<number> | undefined {
  const services = groupBy(reader.list('Service'), ({ namespace }) => namespace);
  const known = new Map<string, ReadonlySet<number> | undefined>();
  const find = ({ spec }: ResourceOf<'Gateway'>): ReadonlySet<number> | undefined => {
    const pods = reader.pods.select(spec.selector);
    if (pods.length === 0) return undefined;
    const found = new Set<number>();
    for (const pod of pods) {
      for (const service of services.get(pod.namespace) ?? []) {
        if (!selects(service.spec.selector, pod.labels)) continue;
        for (const { port, targetPort, protocol } of service.spec.ports ?? []) {
          if (protocol !== 'TCP') continue;
          const target = Number(targetPort ?? 0);
          // A gateway may say the port of the Service as well as that of its pods.
          found.add(port);
          if (Number.isInteger(target) && target !== 0) found.add(target);
        }
      }
    }
    return found;
  };
  return (gateway) => {
    const key = formatSelector(gateway.spec.selector);
    if (!known.has(key)) known.set(key, find(gateway));
    return known.get(key);
  };
}
