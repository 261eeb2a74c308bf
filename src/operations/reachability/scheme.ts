import type { ServicePort } from '../../model/registry/service.ts';
import type { Target } from '../../sample-requests/targets.ts';
import { assertNever } from '../../util/assert.ts';

/** What a client speaks to a port of a service. */
export function schemeOf({ protocol }: Pick<ServicePort, 'protocol'>): Target['scheme'] {
  switch (protocol) {
    case 'HTTP':
    case 'HTTP2':
    case 'GRPC':
    case 'GRPC-Web':
    case 'HTTP_PROXY':
    case 'Unsupported':
      return 'http';
    case 'HTTPS':
    case 'TLS':
      return 'tls';
    case 'TCP':
    case 'UDP':
    case 'Mongo':
    case 'Redis':
    case 'MySQL':
      return 'tcp';
    default:
      return assertNever(protocol);
  }
}
