import type { IngressSpec } from '../../../api/kubernetes.ts';
import { dns1123Subdomain } from '../../../resource/api-server/formats.ts';
import { checkIngress as checkNames } from '../../../resource/api-server/ingress.ts';
import type { FieldErrors, FieldPlace } from './place.ts';
import { fromRefusals } from './refusals.ts';

/** k8s.io/kubernetes pkg/apis/networking/validation ValidateIngressCreate. */
export function* judgeIngress(object: FieldPlace): FieldErrors {
  const spec = object.at('spec');
  const [rules, backend] = [spec.at('rules'), spec.at('defaultBackend')];
  if (rules.items.length === 0 && !backend.isSet) {
    yield spec.invalid('either `defaultBackend` or `rules` must be specified', rules.value ?? null);
  }
  if (backend.isSet) yield* checkBackend(backend);
  for (const rule of rules.items) {
    const http = rule.at('http');
    if (!http.isSet) continue;
    const paths = http.at('paths');
    if (paths.items.length === 0) yield paths.required();
    for (const path of paths.items) yield* checkPath(path);
  }
  yield* fromRefusals(checkNames({ spec: spec.fields as IngressSpec }));
  yield* checkClass(object);
}

function* checkClass(object: FieldPlace): FieldErrors {
  const annotation = object.at('metadata').at('annotations').key('kubernetes.io/ingress.class');
  const name = object.at('spec').at('ingressClassName');
  if (!annotation.isSet || !name.isSet || annotation.text === name.text) return;
  const place = { field: 'annotations.kubernetes.io/ingress.class', path: annotation.path };
  yield { ...annotation.invalid('must match `ingressClassName` when both are specified'), ...place };
}

const sequences = ['//', '/./', '/../', '%2f', '%2F'];
const endings = ['/..', '/.'];

/** validateHTTPIngressPath there. */
function* checkPath(path: FieldPlace): FieldErrors {
  const [type, text] = [path.at('pathType'), path.at('path')];
  if (!type.isSet) {
    yield type.required('pathType must be specified');
    return;
  }
  if (type.text === 'Exact' || type.text === 'Prefix') {
    if (!text.text.startsWith('/')) yield text.invalid('must be an absolute path', text.text);
    for (const sequence of sequences) if (text.text.includes(sequence)) yield text.invalid(`must not contain '${sequence}'`);
    for (const ending of endings) if (text.text.endsWith(ending)) yield text.invalid(`cannot end with '${ending}'`);
  } else if (type.text === 'ImplementationSpecific') {
    if (text.text !== '' && !text.text.startsWith('/')) yield text.invalid('must be an absolute path');
  } else yield type.notSupported(['Exact', 'ImplementationSpecific', 'Prefix']);
  yield* checkBackend(path.at('backend'));
}

/** validateIngressBackend there, beside names and numbers. */
function* checkBackend(backend: FieldPlace): FieldErrors {
  const [service, resource] = [backend.at('service'), backend.at('resource')];
  if (service.isSet && resource.isSet) yield backend.invalid('cannot set both resource and service backends', '');
  else if (resource.isSet) {
    for (const name of ['kind', 'name']) if (resource.at(name).text === '') yield resource.at(name).required();
  } else if (service.isSet) {
    const port = service.at('port');
    if (service.at('name').text === '') yield service.at('name').required();
    const [name, number] = [port.at('name').text !== '', port.at('number').number !== 0];
    if (name && number) yield backend.invalid('cannot set both port name & port number', '');
    else if (!name && !number) yield backend.required('port name or number is required');
  } else yield backend.invalid('resource or service backend is required', '');
}

/** ValidateIngressClass there. */
export function* judgeIngressClass(object: FieldPlace): FieldErrors {
  const controller = object.at('spec').at('controller');
  const [domain = '', ...path] = controller.text.split('/');
  if (controller.text === '') yield controller.required();
  else if (domain === '' || path.join('/') === '')
    yield controller.invalid('must be a domain-prefixed path (such as "acme.io/foo")');
  else yield* controller.format(dns1123Subdomain, domain);
  const parameters = object.at('spec').at('parameters');
  if (!parameters.isSet) return;
  for (const name of ['kind', 'name']) if (parameters.at(name).text === '') yield parameters.at(name).required();
  const [scope, namespace] = [parameters.at('scope'), parameters.at('namespace')];
  const isOfNamespace = scope.text === 'Namespace';
  if (scope.isSet && !['Cluster', 'Namespace'].includes(scope.text)) yield scope.notSupported(['Cluster', 'Namespace']);
  else if (isOfNamespace && !namespace.isSet) yield namespace.required("`parameters.scope` is set to 'Namespace'");
  else if (!isOfNamespace && namespace.isSet) yield namespace.forbidden("`parameters.scope` is set to 'Cluster'");
}
