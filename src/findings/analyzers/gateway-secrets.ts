import type { SecretObject } from '../../api/kubernetes.ts';
import type { Related } from '../../diagnostics/diagnostic.ts';
import { invalidGatewayCredential } from '../../diagnostics/problems/istio/gateways.ts';
import { referencedResourceNotFound } from '../../diagnostics/problems/istio/general.ts';
import { secretValues } from '../../model/gateway-api/certificates.ts';
import type { ResourceOf } from '../../resource/resource.ts';
import { cryptography } from '../../util/crypto.ts';
import { pemBlocks } from '../../util/pem.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';
import { ASSUMED_FILE } from './support/assumed.ts';
import { splitName } from './support/hosts.ts';
import type { Reader } from './support/reader.ts';
import { absentPods, firstLabelOf, formatSelector } from './support/selectors.ts';

/** istio analyzers/gateway/secret.go. */
export const gatewaySecrets: Analyzer = {
  name: 'gateway.SecretAnalyzer',
  about: 'The Secrets that Gateways name stand in the namespace of their workload and hold valid certificates',
  reads: ['Gateway', 'Pod', 'Secret'],
  codes: [referencedResourceNotFound.code, invalidGatewayCredential.code],
  needsAll: ['Pod', 'Secret'],
  run(reader, report) {
    for (const resource of reader.list('Gateway')) {
      const { selector, servers = [] } = resource.spec;
      const [pod] = reader.pods.select(selector);
      // istioctl takes a workload without a namespace for none.
      if (pod === undefined || pod.namespace === '') {
        const subject = at(resource, ['spec', 'selector', firstLabelOf(selector)]);
        report(
          referencedResourceNotFound({ ...subject, absent: absentPods('', selector) }, 'selector', formatSelector(selector)),
        );
        continue;
      }
      servers.forEach(({ tls }, index) => {
        const credential = tls?.credentialName ?? '';
        if (credential === '') return;
        const { namespace, name } = splitName(credential, pod.namespace);
        const secret = reader.find('Secret', namespace, name);
        const subject = at(resource, ['spec', 'servers', index, 'tls', 'credentialName']);
        if (secret === undefined) {
          const missing = referencedResourceNotFound(
            { ...subject, absent: { namespace: '', kinds: MAKERS, names: [name] } },
            'credentialName',
            credential,
          );
          report({ ...missing, related: whereabouts(reader, pod, namespace, name) });
        }
        if (secret !== undefined && !holdsCertificate(secret.spec, reader.now)) {
          report(invalidGatewayCredential(subject, resource.name, pod.namespace));
        }
      });
    }
  },
};

/** Kinds by which there is a Secret. */
const MAKERS: readonly string[] = ['Certificate', 'ExternalSecret', 'SealedSecret', 'Secret'];

/** Where a Secret is looked for, and where there is one of its name. */
function whereabouts(reader: Reader, pod: ResourceOf<'Pod'>, namespace: string, name: string): readonly Related[] {
  const others = reader.list('Secret').filter((secret) => secret.name === name);
  const places = [
    { resource: pod, message: `it is looked for in ${namespace}, the namespace of the gateway's pods` },
    ...others.map((resource) => ({ resource, message: `there is one of this name in ${resource.namespace}` })),
  ];
  return places
    .filter(({ resource }) => resource.document.file !== ASSUMED_FILE)
    .map(({ resource, message }) => ({ message, location: resource.document.locate(['metadata', 'name']) }));
}

/** Whether a Secret holds a key and a certificate that is valid now, as far as is known; whether they belong together does not matter here. */
function holdsCertificate(secret: SecretObject, now: number): boolean {
  if (secret.isIssued) return true;
  const values = secretValues(secret);
  const certificate = values.cert && values.key ? values.cert : values['tls.crt'] && values['tls.key'] ? values['tls.crt'] : '';
  const [block] = pemBlocks(certificate);
  if (block === undefined) return false;
  try {
    const { validFrom, validTo } = new (cryptography().X509Certificate)(Buffer.from(block.body, 'base64'));
    return now >= Date.parse(validFrom) && now <= Date.parse(validTo);
  } catch {
    return false;
  }
}
