import { createDocumentValidator } from '../../../src/findings/documents.ts';
import { defaultRelease } from '../../../src/releases/index.ts';
import { expandLists } from '../../../src/source/lists.ts';
import { parseText } from '../../../src/source/parse.ts';

const groups: Readonly<Record<string, string>> = {
  AuthorizationPolicy: 'security.istio.io/v1',
  PeerAuthentication: 'security.istio.io/v1',
  RequestAuthentication: 'security.istio.io/v1',
  Telemetry: 'telemetry.istio.io/v1',
  WasmPlugin: 'extensions.istio.io/v1alpha1',
  TrafficExtension: 'extensions.istio.io/v1alpha1',
  EnvoyFilter: 'networking.istio.io/v1alpha3',
  ProxyConfig: 'networking.istio.io/v1beta1',
};

/** What is wrong with a text of manifests, each as `severity path: message`. */
export function checkText(text: string): string[] {
  const validate = createDocumentValidator({ release: defaultRelease, namespace: 'default' });
  return expandLists(parseText('test.yaml', text, () => {})).flatMap((document) =>
    validate(document).diagnostics.map(({ severity, message }) => `${severity} ${message}`),
  );
}

/** What is wrong with a resource of a kind of Istio's, its spec in YAML. */
export function check(kind: string, spec: string, metadata = ''): string[] {
  const apiVersion = groups[kind] ?? 'networking.istio.io/v1';
  return checkText(`apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: test${metadata}}\nspec: ${spec}\n`);
}
