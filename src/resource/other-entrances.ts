import type { SourceDocument } from '../source/document.ts';
import { type ForeignObject, foreignObjectsAmong } from './foreign-objects.ts';

/** The kinds, by group, by which controllers that are not Istio's lead requests from outside to Services. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  'apisix.apache.org': ['ApisixRoute'],
  'configuration.konghq.com': ['TCPIngress', 'UDPIngress'],
  'elbv2.k8s.aws': ['TargetGroupBinding'],
  'gateway.solo.io': ['RouteTable', 'VirtualService'],
  'getambassador.io': ['Mapping', 'TCPMapping'],
  'k8s.nginx.org': ['TransportServer', 'VirtualServer', 'VirtualServerRoute'],
  'projectcontour.io': ['HTTPProxy'],
  'route.openshift.io': ['Route'],
  'traefik.containo.us': ['IngressRoute', 'IngressRouteTCP', 'TraefikService'],
  'traefik.io': ['IngressRoute', 'IngressRouteTCP', 'TraefikService'],
};

/** What others than Istio lead in by, among documents; `namespaceOf` is that of what names none, by file. */
export function otherEntrancesAmong(
  documents: readonly SourceDocument[],
  namespaceOf: (file: string) => string,
): readonly ForeignObject[] {
  return foreignObjectsAmong(documents, KINDS, () => false, namespaceOf);
}
