import { defineProblem, type Problem } from '../problem.ts';

/** Problems of the certificates of gateways. */

export const certificateOfSeveralListeners: Problem<[listener: string, other: string, port: number, what: string]> =
  defineProblem({
    code: 'MESH2273',
    name: 'certificate-of-several-listeners',
    severity: 'warning',
    about:
      'Listeners of a gateway of the Gateway API share a port and a certificate. Browsers that have an HTTP/2 connection to one of them use it for the hosts of the other too, where the first has no route for them: 404.',
    cause: 'Listeners `*.example.com` and `example.com` on port 443, both with the Secret of one wildcard certificate.',
    fix: 'Put the hosts of one certificate behind one listener (with a hostname for all of them, or none) and let routes tell them apart, or give each listener a certificate for its own hosts alone.',
    message: (listener, other, port, what) =>
      `listeners ${listener} and ${other} share port ${port}, and ${what}: browsers reuse the HTTP/2 connection to one of them for the hosts of the other and get 404; give each a certificate for its own hosts alone, or put the hosts behind one listener`,
  });

export const ingressSecretMissing: Problem<[field: string, secret: string, namespace: string, others: readonly string[]]> =
  defineProblem({
    code: 'MESH2274',
    name: 'ingress-secret-missing',
    severity: 'error',
    about:
      'An Ingress names a Secret that is not in the namespace of the gateway. Istio looks for it there, and not beside the Ingress; without it the gateway does not finish TLS handshakes for these hosts.',
    cause: 'An Ingress in namespace `shop` with `tls: [{secretName: shop-tls}]`, and the Secret in namespace `shop` too.',
    fix: 'Put the Secret into the namespace of the gateway, istio-system as a rule.',
    message: (field, secret, namespace, others) =>
      `${field}: the gateway looks for Secret "${secret}" in its own namespace, ${namespace}, where it is not${
        others.length === 0 ? '' : `; there is one in namespace ${others.join(', ')}`
      }; TLS handshakes fail until it is put into ${namespace}`,
  });
