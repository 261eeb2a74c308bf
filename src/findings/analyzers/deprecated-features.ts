import { deprecatedFeature } from '../../diagnostics/problems/istio/general.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';

/** Kinds of the group rbac.istio.io, which Istio has no more. */
const REMOVED_KINDS: readonly string[] = ['ClusterRbacConfig', 'RbacConfig', 'ServiceRole', 'ServiceRoleBinding'];

/** istio analyzers/deprecation/deprecation.go. */
export const deprecatedFeatures: Analyzer = {
  name: 'deprecation.DeprecationAnalyzer',
  about: 'Nothing that Istio has dropped, or is going to drop, is used',
  reads: ['VirtualService', 'Sidecar', 'CustomResourceDefinition'],
  codes: [deprecatedFeature.code],
  run(reader, report) {
    for (const resource of reader.list('VirtualService')) {
      if (!(resource.spec.http ?? []).some(({ fault }) => (fault?.delay?.percent ?? 0) > 0)) continue;
      const detail = 'HTTPRoute.fault.delay.percent is deprecated; use HTTPRoute.fault.delay.percentage';
      report(deprecatedFeature(at(resource), detail));
    }
    for (const resource of reader.list('Sidecar')) {
      if (resource.spec.outboundTrafficPolicy?.egressProxy === undefined) continue;
      report(deprecatedFeature(at(resource), 'OutboundTrafficPolicy.EgressProxy ignored'));
    }
    for (const resource of reader.list('CustomResourceDefinition')) {
      const { group, names } = resource.spec;
      if (group !== 'rbac.istio.io' || !REMOVED_KINDS.includes(names?.kind ?? '')) continue;
      report(deprecatedFeature(at(resource), `Custom resource type ${group} ${names?.kind ?? ''} is removed`));
    }
  },
};
