import { conflictingMeshGatewayVirtualServiceHosts } from '../../diagnostics/problems/istio/virtual-services.ts';
import { hostsOverlap } from '../../model/traffic/host.ts';
import { gatewaysOf, MESH_GATEWAY } from '../../model/traffic/virtual-services.ts';
import type { Resource, ResourceOf } from '../../resource/resource.ts';
import { compareText } from '../../util/text.ts';
import { at } from '../subject.ts';
import { type Analyzer, asHint, fullName } from './support/analyzer.ts';
import { hostInNamespace } from './support/hosts.ts';

/** istio analyzers/virtualservice/conflictingmeshgatewayhosts.go; each VirtualService is reported once. */
export const virtualServiceConflicts: Analyzer = {
  name: 'virtualservice.ConflictingMeshGatewayHostsAnalyzer',
  about: 'No two VirtualServices for sidecars define the same host where both can be seen',
  reads: ['VirtualService'],
  codes: [conflictingMeshGatewayVirtualServiceHosts.code],
  run(reader, report) {
    const claims = claimedHosts(reader.list('VirtualService'), reader.clusterDomain);
    const visible = claims.filter(({ scope }) => scope === '*');
    const exact = new Map(visible.map((claim) => [claim.host, claim]));
    const wildcards = visible.filter(({ host }) => host.startsWith('*'));
    const reported = new Set<Resource>();
    const withOthers = ({ scope, host, resources }: Claim): readonly ResourceOf<'VirtualService'>[] => {
      if (scope === '*') return resources;
      const others = host.startsWith('*')
        ? visible.filter((claim) => hostsOverlap(host, claim.host))
        : [exact.get(host), ...wildcards.filter((claim) => hostsOverlap(host, claim.host))].filter(
            (claim) => claim !== undefined,
          );
      return [...resources, ...others.flatMap((claim) => claim.resources)];
    };
    // Istio takes them in any order; what one namespace alone sees goes first here, then scope and host decide.
    const conflicts = claims
      .flatMap((claim) => {
        const all = withOthers(claim);
        return all.length < 2 ? [] : { scope: claim.scope, host: claim.host, all };
      })
      .sort(
        (a, b) =>
          Number(a.scope === '*') - Number(b.scope === '*') || compareText(a.scope, b.scope) || compareText(a.host, b.host),
      );
    for (const { scope, host, all } of conflicts) {
      const names = all.map(fullName).sort().join(',');
      for (const resource of all) {
        if (reported.has(resource)) continue;
        reported.add(resource);
        const found = conflictingMeshGatewayVirtualServiceHosts(at(resource, ['metadata', 'name']), names, `${scope}/${host}`);
        const isAlone = all.every((other) => other === resource);
        report(
          isAlone ? asHint(found, 'it names one host in several ways, and works: istioctl takes that for a conflict') : found,
        );
      }
    }
  },
};

/** A host with the VirtualServices for it that one scope (a namespace, or `*`) sees. */
interface Claim {
  readonly scope: string;
  readonly host: string;
  readonly resources: ResourceOf<'VirtualService'>[];
}

function claimedHosts(virtualServices: readonly ResourceOf<'VirtualService'>[], domain: string): readonly Claim[] {
  const claims = new Map<string, Claim>();
  for (const resource of virtualServices) {
    const { hosts = [], exportTo = [] } = resource.spec;
    if (!gatewaysOf(resource).includes(MESH_GATEWAY)) continue;
    const scopes =
      exportTo.length === 0 || exportTo.includes('*')
        ? ['*']
        : new Set(exportTo.map((scope) => (scope === '.' ? resource.namespace : scope)));
    for (const scope of scopes) {
      for (const written of hosts) {
        const host = hostInNamespace(written, resource.namespace, domain);
        const claim = claims.get(`${scope}/${host}`);
        if (claim === undefined) claims.set(`${scope}/${host}`, { scope, host, resources: [resource] });
        else claim.resources.push(resource);
      }
    }
  }
  return [...claims.values()];
}
