import type { KubernetesServicePort } from '../../api/kubernetes.ts';
import { type Protocol, parseProtocol } from '../protocol.ts';
import type { ServicePort } from './service.ts';

/** Ports whose protocols let the server speak first: SMTP, DNS, MySQL, MongoDB. Detection would break them. */
const serverFirstPorts: ReadonlySet<number> = new Set([25, 53, 3306, 27017]);

/** A port of a Kubernetes Service as its clients see it. */
export function kubernetesPort(port: KubernetesServicePort): ServicePort {
  return { name: port.name ?? '', port: port.port, protocol: portProtocol(port) };
}

/**
 * The protocol of a Kubernetes port: what `appProtocol` says, else the name up to its first hyphen, else TCP on ports that must
 * not be sniffed. As istio pkg/config/kube/conversion.go ConvertProtocol.
 */
export function portProtocol({ port, name, protocol, appProtocol }: KubernetesServicePort): Protocol {
  if (protocol === 'UDP') return 'UDP';
  switch (appProtocol) {
    case 'kubernetes.io/h2c':
      return 'HTTP2';
    case 'kubernetes.io/ws':
      return 'HTTP';
    case 'kubernetes.io/wss':
      return 'HTTPS';
  }
  const stated = appProtocol ?? name ?? '';
  if (stated.toLowerCase().startsWith('grpc-web')) return 'GRPC-Web';
  const [prefix = ''] = stated.split('-');
  const parsed = parseProtocol(prefix);
  return parsed === 'Unsupported' && serverFirstPorts.has(port) ? 'TCP' : parsed;
}
