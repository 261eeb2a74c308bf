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

export const credentialElsewhere: Problem<[credential: string, namespace: string, own: string]> = defineProblem({
  code: 'MESH2104',
  name: 'credential-elsewhere',
  severity: 'error',
  about:
    'A Gateway names a Secret of another namespace. istiod gives a gateway only Secrets of the namespace in which its pods run, so that it has no certificate and TLS handshakes fail.',
  cause: '`credentialName: shop/shop-tls` for a gateway that runs in istio-system.',
  fix: 'Put the Secret into the namespace of the gateway, and name it without a namespace.',
  message: (credential, namespace, own) =>
    `credentialName "${credential}" is a Secret of namespace ${namespace}, and the gateway gets Secrets of its own namespace alone (${own}): it has no certificate and TLS handshakes fail; put the Secret into ${own}`,
});

export const clientAuthorityMissing: Problem<[secret: string, namespace: string]> = defineProblem({
  code: 'MESH2105',
  name: 'client-authority-missing',
  // The second Secret is often made elsewhere.
  severity: 'info',
  about:
    'A server of a Gateway asks clients for certificates (mode MUTUAL), and neither its Secret nor one called the same with -cacert holds the authority that they are checked by. Where the second is not made elsewhere, the server is never ready, and TLS handshakes fail.',
  cause: '`mode: MUTUAL` with a Secret of type kubernetes.io/tls that has tls.crt and tls.key alone.',
  fix: 'Add ca.crt to the Secret, or a Secret <name>-cacert that has it.',
  message: (secret, namespace) =>
    `mode MUTUAL asks clients for certificates, and Secret ${namespace}/${secret} has no ca.crt to check them by, nor is there a Secret ${namespace}/${secret}-cacert among the manifests: without either the server is never ready and TLS handshakes fail`,
});
