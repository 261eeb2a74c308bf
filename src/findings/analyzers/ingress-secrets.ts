import { formatField } from '../../diagnostics/format-field.ts';
import { ingressSecretMissing } from '../../diagnostics/problems/certificates.ts';
import { selects } from '../../model/labels.ts';
import type { Resource, ResourceOf } from '../../resource/resource.ts';
import { groupBy } from '../../util/collections.ts';
import { originOf } from '../../util/origin.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';
import type { Reader } from './support/reader.ts';

/** Secrets of Ingresses, which the gateway looks for in its own namespace and not in that of the Ingress. */
export const ingressSecrets: Analyzer = {
  name: 'mesh.ingress.Secrets',
  about: 'The Secrets that Ingresses of Istio name stand in the namespace of the gateway',
  reads: ['Ingress', 'Secret', 'Pod'],
  codes: [ingressSecretMissing.code],
  needsAll: ['Pod', 'Secret'],
  run: (reader, report) => {
    if (!reader.list('Ingress').some(({ spec }) => (spec.tls ?? []).length > 0)) return;
    const secrets = groupBy(reader.list('Secret'), ({ name }) => name);
    for (const { spec } of reader.mesh().gateways.all) {
      for (const server of spec.servers ?? []) {
        const origin = originOf(server);
        const ingress = origin && reader.traffic().resourceOf(origin.resource);
        const secret = server.tls?.credentialName ?? '';
        if (origin === undefined || ingress?.kind !== 'Ingress' || secret === '') continue;
        const others = (secrets.get(secret) ?? []).map(({ namespace }) => namespace);
        const missing = gatewayNamespaces(reader, spec.selector ?? {}).find((namespace) => !others.includes(namespace));
        if (missing === undefined || (missing === ingress.namespace && isIssued(ingress))) continue;
        const path = [...origin.path, 'secretName'];
        report(ingressSecretMissing(at(ingress, path), formatField(path), secret, missing, others));
      }
    }
  },
};

/** Whether a controller makes the Secret, beside the Ingress. */
function isIssued({ annotations }: Resource): boolean {
  return Object.keys(annotations).some((name) => name.startsWith('cert-manager.io/') || name === 'kubernetes.io/tls-acme');
}

/** Where the proxies of a gateway run; without any among the manifests, where Istio installs it. */
function gatewayNamespaces(reader: Reader, selector: ResourceOf<'Pod'>['labels']): readonly string[] {
  const proxies = reader.mesh().proxies.filter(({ role, labels }) => role === 'gateway' && selects(selector, labels));
  const found = proxies.length > 0 ? proxies : reader.pods.select(selector);
  return [...new Set(found.map(({ namespace }) => namespace))];
}
