import { formatField } from '../../diagnostics/format-field.ts';
import { clientAddressHidden, forwardedAddressUnknown } from '../../diagnostics/problems/policy-effects.ts';
import { selects } from '../../model/labels.ts';
import type { Proxy } from '../../model/proxies/proxy.ts';
import type { Service } from '../../model/registry/service.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { memo } from '../../util/memo.ts';
import { own } from '../../util/object.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import { allDemands, type Demand, demandsOf } from './support/authorization.ts';
import type { Reader } from './support/reader.ts';

/** Policies at gateways that go by addresses which the gateway never learns. */
export const clientAddresses: Analyzer = {
  name: 'mesh.authorizationpolicy.ClientAddresses',
  about: 'Addresses of clients in AuthorizationPolicies of gateways, where balancers hide them',
  reads: ['AuthorizationPolicy', 'Service', 'ProxyConfig', 'EnvoyFilter'],
  codes: [clientAddressHidden.code, forwardedAddressUnknown.code],
  run: (reader, report) => {
    if (reader.list('AuthorizationPolicy').length === 0) return;
    const mesh = reader.mesh();
    const rulesOf = memo(demandsOf);
    const reported = new Set<Demand>();
    for (const proxy of mesh.proxies) {
      if (proxy.role !== 'gateway') continue;
      const { custom, audit, deny, allow } = mesh.policies.authorizationPolicies(proxy);
      const rules = [...custom, ...audit, ...deny, ...allow].flatMap(rulesOf);
      const addresses = rules.flatMap((rule) =>
        allDemands(rule)
          .filter(({ asked }) => asked === 'sourceIp' || asked === 'remoteIp')
          .map((demand) => ({ demand, policy: rule.policy })),
      );
      const { proxyProtocol, numTrustedProxies } = proxy.proxyConfig.gatewayTopology ?? {};
      if (addresses.length === 0 || proxyProtocol !== undefined || isPatched(reader, proxy, /proxy_?protocol/i)) continue;
      const service = proxy.targets.map((target) => hidingService(target.service)).find((found) => found !== undefined);
      const isForwarded =
        Boolean(numTrustedProxies) || isEgress(proxy) || isPatched(reader, proxy, /num_?trusted_?hops|original_?ip_?detection/i);
      for (const { demand, policy } of addresses) {
        if (reported.has(demand)) continue;
        const subject = at(policy, demand.path);
        const field = formatField(demand.path);
        if (demand.asked === 'sourceIp' && service !== undefined) {
          report(clientAddressHidden(subject, field, fullName(service), service.spec.type ?? ''));
        } else if (demand.asked === 'remoteIp' && !isForwarded) {
          report(forwardedAddressUnknown(subject, field, fullName(proxy)));
        } else continue;
        reported.add(demand);
      }
    }
  },
};

/** Balancers of AWS that send to pods, past the nodes. */
const TO_PODS = [
  ['service.beta.kubernetes.io/aws-load-balancer-nlb-target-type', 'ip'],
  ['service.beta.kubernetes.io/aws-load-balancer-type', 'nlb-ip'],
] as const;

/** The Service of a gateway, where kube-proxy puts the address of a node in place of the client's. */
function hidingService({ resource }: Service): ResourceOf<'Service'> | undefined {
  if (resource.kind !== 'Service') return undefined;
  const { type, externalTrafficPolicy } = resource.spec;
  if ((type !== 'LoadBalancer' && type !== 'NodePort') || externalTrafficPolicy === 'Local') return undefined;
  return TO_PODS.some(([name, value]) => own(resource.annotations, name) === value) ? undefined : resource;
}

/** Whether clients are those of the mesh, whom nobody forwards. */
function isEgress({ labels }: Proxy): boolean {
  return [labels.istio, labels.app].some((label) => label?.includes('egress'));
}

/** Whether an EnvoyFilter for the proxy speaks of something. */
function isPatched(reader: Reader, { namespace, labels }: Proxy, expression: RegExp): boolean {
  return reader
    .list('EnvoyFilter')
    .some(
      (filter) =>
        (filter.namespace === namespace || filter.namespace === reader.rootNamespace) &&
        selects(filter.spec.workloadSelector?.labels ?? {}, labels) &&
        expression.test(JSON.stringify(filter.spec)),
    );
}
