import type { MeshConfig } from '../../../api/istio.gen.ts';
import type { PodSpec, ServiceSpec } from '../../../api/kubernetes.ts';
import { INGRESS_LABELS, type InstalledGateway, portsOfInstalled } from '../../../resource/assumed-gateway.ts';
import { istiodService } from '../../../resource/assumed-istiod.ts';
import type { Resource, ResourceOf } from '../../../resource/resource.ts';
import type { SourceDocument } from '../../../source/document.ts';

const ISTIO_NAMESPACE = 'istio-system';
/** `file` of what is not in any file; nothing is reported about it. */
export const ASSUMED_FILE = 'internal-ingress';

/**
 * The ingress gateway that Istio's default installation has, so that files need not contain it: a Service and one pod. As istio
 * pkg/config/analysis/local AddDefaultResources.
 */
export function defaultIngressGateway({ ingressControllerMode, ingressService }: MeshConfig): readonly Resource[] {
  if (ingressControllerMode === 'OFF') return [];
  const name = ingressService ?? 'istio-ingressgateway';
  const labels = INGRESS_LABELS;
  const pod: PodSpec = { containers: [{ name: 'istio-proxy', image: 'docker.io/istio/proxyv2' }] };
  // The target ports of 80 and 443 are those of Istio's charts; Gateways may name either.
  const ports: readonly (readonly [name: string, port: number, targetPort: number])[] = [
    ['http2', 80, 8080],
    ['https', 443, 8443],
    ['tcp', 31400, 31400],
    ['tls', 15443, 15443],
  ];
  const service: ServiceSpec = {
    type: 'ClusterIP',
    ports: ports.map(([portName, port, targetPort]) => ({ name: portName, port, protocol: 'TCP', targetPort })),
    // Pods of the input that have this label are behind it too.
    selector: { istio: 'ingressgateway' },
  };
  const common = { group: '' as const, version: 'v1', namespace: ISTIO_NAMESPACE, annotations: {}, document: assumedDocument };
  return [
    { ...common, kind: 'Pod', name: `${name}-dummypod`, labels, spec: pod },
    { ...common, kind: 'Service', name, labels: {}, spec: service },
  ];
}

/** What the input installs without writing it. */
export function installedResources(gateways: readonly InstalledGateway[]): readonly Resource[] {
  const common = { group: '' as const, version: 'v1', annotations: {}, document: assumedDocument };
  return gateways.flatMap((gateway): readonly Resource[] => {
    const { name, namespace, labels } = gateway;
    return [
      { ...common, kind: 'Pod', namespace, name: `${name}-dummypod`, labels, spec: { containers: [{ name: 'istio-proxy' }] } },
      {
        ...common,
        kind: 'Service',
        namespace,
        name,
        labels,
        spec: { type: 'LoadBalancer', selector: labels, ports: portsOfInstalled(gateway) },
      },
    ];
  });
}

/** The Service of istiod, for who routes to it. */
export function installedIstiod(): ResourceOf<'Service'> {
  return istiodService({ document: assumedDocument });
}

const assumedDocument: SourceDocument = {
  file: ASSUMED_FILE,
  index: 0,
  value: {},
  locate: () => ({ file: ASSUMED_FILE, line: 1, column: 1 }),
};
