import { conflictingGateways } from '../../diagnostics/problems/istio/gateways.ts';
import { referencedResourceNotFound } from '../../diagnostics/problems/istio/general.ts';
import { selects } from '../../model/labels.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { groupBy } from '../../util/collections.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import type { Reader } from './support/reader.ts';
import { firstLabelOf, formatSelector } from './support/selectors.ts';

/**
 * istio analyzers/gateway/conflictinggateway.go. Istio's own goes on with what it has put into its tables while it compared, so
 * that with three Gateways it can name a wrong one; this one does not.
 */
export const gatewayConflicts: Analyzer = {
  name: 'gateway.ConflictingGatewayAnalyzer',
  about: 'No two Gateways of one workload serve the same host on the same port and address',
  reads: ['Gateway', 'Pod'],
  codes: [conflictingGateways.code, referencedResourceNotFound.code],
  run(reader, report) {
    const gateways = reader.list('Gateway');
    const claims = groupBy(gateways.flatMap(claimsOf), ({ selector }) => selector);
    const overlapping = createOverlapFinder(reader, claims);
    for (const resource of gateways) {
      const selector = formatSelector(resource.spec.selector);
      const others = overlapping(selector);
      if (selector !== '' && others.length === 0) {
        const subject = at(resource, ['spec', 'selector', firstLabelOf(resource.spec.selector)]);
        report(referencedResourceNotFound(subject, 'selector', selector));
        continue;
      }
      for (const { port, hosts = [], bind = '' } of resource.spec.servers ?? []) {
        const number = port?.number ?? 0;
        const names = others
          .filter((other) => other.port === number && other.resource !== resource)
          .filter((other) => hosts.some((host) => other.binds.get(host) === bind))
          .map((other) => fullName(other.resource))
          .sort();
        if (names.length === 0) continue;
        report(conflictingGateways(at(resource), names.join(','), selector, String(number), hosts.join(',')));
      }
    }
  },
};

/** What a Gateway serves on a port. */
interface Claim {
  readonly resource: ResourceOf<'Gateway'>;
  readonly selector: string;
  readonly port: number;
  /** The hosts with the address that they are served on. */
  readonly binds: ReadonlyMap<string, string>;
}

/** One claim a port: of several servers on it, Istio looks at the last. */
function claimsOf(resource: ResourceOf<'Gateway'>): readonly Claim[] {
  const selector = formatSelector(resource.spec.selector);
  const byPort = new Map<number, Claim>();
  for (const { port, hosts = [], bind = '' } of resource.spec.servers ?? []) {
    const number = port?.number ?? 0;
    byPort.set(number, { resource, selector, port: number, binds: new Map(hosts.map((host) => [host, bind])) });
  }
  return [...byPort.values()];
}

/** Finds the claims on workloads that a selector selects too: by the same selector, or by one that contains it and shares a pod. */
function createOverlapFinder(
  reader: Reader,
  claims: ReadonlyMap<string, readonly Claim[]>,
): (selector: string) => readonly Claim[] {
  const known = new Map<string, readonly Claim[]>();
  const sharePod = (left: string, right: string): boolean => {
    const [a, b] = [parseSelector(left), parseSelector(right)];
    return reader.pods.select(a).some(({ labels }) => selects(b, labels));
  };
  return (selector) => {
    let found = known.get(selector);
    if (found === undefined) {
      found = [...claims].flatMap(([other, list]) => {
        const isRelated = other.includes(selector) || selector.includes(other);
        return other === selector || (isRelated && sharePod(selector, other)) ? list : [];
      });
      known.set(selector, found);
    }
    return found;
  };
}

function parseSelector(selector: string): Readonly<Record<string, string>> {
  const pairs = selector.split(',').map((pair) => pair.split('='));
  return Object.fromEntries(pairs.filter((pair) => pair.length === 2));
}
