import { waypointNotAdmitted } from '../../diagnostics/problems/ambient-effects.ts';
import type { Authorization, ConnectionMatch, TextMatch } from '../../model/ambient/authorizations.ts';
import type { TunnelledWorkload } from '../../model/ambient/networks.ts';
import { keyOfService } from '../../model/ambient/services.ts';
import { qualifiedName, type Waypoint } from '../../model/ambient/waypoints.ts';
import { spiffeIdentity } from '../../model/security/spiffe.ts';
import { assertNever } from '../../util/assert.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';

/** Policies by which ztunnel refuses the waypoint that stands before a workload. */
export const waypointAdmission: Analyzer = {
  name: 'mesh.ambient.WaypointsAtZtunnel',
  about: 'ALLOW policies at ztunnel admit the waypoints through which clients come',
  reads: ['AuthorizationPolicy', 'Service', 'ServiceEntry', 'KubernetesGateway', 'Namespace', 'Pod'],
  needsAll: ['AuthorizationPolicy'],
  codes: [waypointNotAdmitted.code],
  run: (reader, report) => {
    const { ambient, config } = reader.mesh();
    if (ambient === undefined || ambient.waypoints.size === 0) return;
    const services = new Map(ambient.services.map((service) => [keyOfService(service), service]));
    const resources = new Map(ambient.policies.map(({ resource }) => [qualifiedName(resource), resource]));
    const allowing = ambient.authorizations.filter(({ action, dryRun }) => action === 'ALLOW' && dryRun !== true);
    const told = new Set<string>();
    for (const workload of ambient.workloads) {
      if (workload.tunnel !== 'ztunnel') continue;
      const policies = allowing.filter((policy) => isFor(policy, workload));
      if (policies.length === 0) continue;
      const ofServices = [...workload.services.keys()].flatMap((key) => services.get(key)?.binding.waypoint ?? []);
      for (const waypoint of new Set([...ofServices, ...(workload.waypoint === undefined ? [] : [workload.waypoint])])) {
        const refused = waypoint.serviceAccounts.find(
          (account) => !policies.some((policy) => admits(policy, waypoint, account, config.trustDomain ?? '')),
        );
        if (refused === undefined) continue;
        // Of those that admit somebody each could admit the waypoint; where none does, that is meant for all but the waypoint's way.
        const open = policies.filter(({ groups }) => groups.length > 0);
        for (const policy of open.length > 0 ? open : policies) {
          const resource = resources.get(qualifiedName(policy));
          const key = `${qualifiedName(policy)} ${qualifiedName(waypoint)}`;
          if (resource === undefined || told.has(key)) continue;
          told.add(key);
          const identity = identityOf(waypoint, refused, config.trustDomain ?? '');
          report(
            waypointNotAdmitted(
              at(resource, ['spec']),
              `${workload.namespace}/${workload.workloadName || workload.name}`,
              qualifiedName(waypoint),
              identity,
            ),
          );
        }
      }
    }
  },
};

function isFor({ scope, namespace, name }: Authorization, workload: TunnelledWorkload): boolean {
  switch (scope) {
    case 'GLOBAL':
      return true;
    case 'NAMESPACE':
      return namespace === workload.namespace;
    case 'WORKLOAD_SELECTOR':
      return workload.policies.includes(`${namespace}/${name}`);
    default:
      return assertNever(scope);
  }
}

function identityOf({ namespace }: Waypoint, account: string, trustDomain: string): string {
  return spiffeIdentity(trustDomain, namespace, account).replace('spiffe://', '');
}

/** Whether some group can hold for connections of a waypoint, whatever their addresses and ports are. */
function admits({ groups }: Authorization, waypoint: Waypoint, account: string, trustDomain: string): boolean {
  const holds = (match: ConnectionMatch): boolean => {
    const { namespace } = waypoint;
    const identity = identityOf(waypoint, account, trustDomain);
    const isAccount = (one: { readonly namespace: string; readonly serviceAccount: string }): boolean =>
      one.namespace === namespace && one.serviceAccount === account;
    return (
      someOrNone(match.principals, (one) => matches(one, identity)) &&
      someOrNone(match.namespaces, (one) => matches(one, namespace)) &&
      someOrNone(match.serviceAccounts, isAccount) &&
      !(match.notPrincipals ?? []).some((one) => matches(one, identity)) &&
      !(match.notNamespaces ?? []).some((one) => matches(one, namespace)) &&
      !(match.notServiceAccounts ?? []).some(isAccount)
    );
  };
  return groups.some((group) => group.every((rules) => rules.length === 0 || rules.some(holds)));
}

function someOrNone<T>(values: readonly T[] | undefined, test: (value: T) => boolean): boolean {
  return values === undefined || values.length === 0 || values.some(test);
}

function matches(match: TextMatch, text: string): boolean {
  if ('exact' in match) return match.exact === text;
  if ('prefix' in match) return text.startsWith(match.prefix);
  return 'suffix' in match ? text.endsWith(match.suffix) : true;
}
