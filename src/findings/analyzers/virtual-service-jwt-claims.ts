import { isClaimHeader } from '../../admission/headers.ts';
import type { VirtualService } from '../../api/istio.gen.ts';
import { jwtClaimBasedRoutingWithoutRequestAuthN } from '../../diagnostics/problems/istio/virtual-services.ts';
import { selects } from '../../model/labels.ts';
import { MESH_GATEWAY } from '../../model/traffic/virtual-services.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { groupBy } from '../../util/collections.ts';
import { at } from '../subject.ts';
import { type Analyzer, fullName } from './support/analyzer.ts';
import { ASSUMED_FILE } from './support/assumed.ts';
import { splitName } from './support/hosts.ts';

/** istio analyzers/virtualservice/jwtclaimroute.go. */
export const virtualServiceJwtClaims: Analyzer = {
  name: 'virtualservice.JWTClaimRouteAnalyzer',
  about: 'Gateways that route by claims of JWTs have a RequestAuthentication that checks those',
  reads: ['VirtualService', 'RequestAuthentication', 'Gateway', 'Pod'],
  codes: [jwtClaimBasedRoutingWithoutRequestAuthN.code],
  needsAll: ['RequestAuthentication'],
  run(reader, report) {
    const byNamespace = groupBy(reader.list('RequestAuthentication'), ({ namespace }) => namespace);
    for (const resource of reader.list('VirtualService')) {
      const header = claimHeader(resource.spec);
      if (header === undefined) continue;
      for (const written of resource.spec.gateways ?? []) {
        const name = splitName(written, resource.namespace);
        const gateway = written === MESH_GATEWAY ? undefined : reader.find('Gateway', name.namespace, name.name);
        if (gateway === undefined) continue;
        for (const pod of existing(reader.pods.select(gateway.spec.selector))) {
          const policies = [...(byNamespace.get('istio-system') ?? []), ...(byNamespace.get(pod.namespace) ?? [])];
          if (policies.some(({ spec }) => selects(spec.selector?.matchLabels, pod.labels))) continue;
          report(jwtClaimBasedRoutingWithoutRequestAuthN(at(resource), header, fullName(name), pod.name));
        }
      }
    }
  },
};

/** The pods that manifests have; the one that stands for Istio's own gateway where they have none, as istioctl takes it to be there. */
function existing(pods: readonly ResourceOf<'Pod'>[]): readonly ResourceOf<'Pod'>[] {
  const written = pods.filter((pod) => pod.document.file !== ASSUMED_FILE);
  return written.length > 0 ? written : pods;
}

/** The first header of a match that stands for a claim. */
function claimHeader({ http = [] }: VirtualService): string | undefined {
  return http
    .flatMap(({ match = [] }) => match)
    .flatMap(({ headers = {}, withoutHeaders = {} }) => [...Object.keys(headers), ...Object.keys(withoutHeaders)])
    .find(isClaimHeader);
}
