import { type ForeignObject, wordsOfObject } from '../../resource/foreign-objects.ts';
import { textInOrder } from '../../util/json-text.ts';
import { type Fields, fieldsOf, isObject, listOf, stringOf } from '../../util/object.ts';
import { compareText } from '../../util/text.ts';
import { otherEntrancesOf } from '../../workbench/other-entrances.ts';
import type { ManifestConfiguration } from './configuration.ts';
import type { Doubt } from './report.ts';

/** Doubts of what others than Istio lead in by, where it comes, goes, or says something else: that is not simulated. */
export function doubtsOfOtherEntrances([before, after]: readonly [
  ManifestConfiguration,
  ManifestConfiguration,
]): readonly Doubt[] {
  return after.inputs.flatMap((input): readonly Doubt[] => {
    const known = before.inputs.find((one) => one.cluster?.name === input.cluster?.name);
    if (known === undefined) return [];
    const was = otherEntrancesOf(known, before.mesh);
    const is = otherEntrancesOf(input, after.mesh);
    const [earlier, later] = [new Set(was.map(textOf)), new Set(is.map(textOf))];
    const differing = [...was.filter((one) => !later.has(textOf(one))), ...is.filter((one) => !earlier.has(textOf(one)))];
    const names = new Set(differing.map(wordsOfObject));
    return [...names].map((name): Doubt => {
      const isAmong = (all: readonly ForeignObject[]): boolean => all.some((one) => wordsOfObject(one) === name);
      const change = isAmong(was) ? (isAmong(is) ? 'changed' : 'removed') : 'added';
      return { from: { kind: 'anybody' }, to: name, because: 'other entrance', is: change };
    });
  });
}

/** What is said, whatever it is called; routes name the gateways that they are for. */
function textOf({ kind, group, namespace, name, annotations, body }: ForeignObject): string {
  const told = Object.fromEntries(Object.entries(annotations).filter(([key]) => mayBeServed(key)));
  const isOfGatewayApi = group === 'gateway.networking.k8s.io';
  const said = isOfGatewayApi
    ? withoutNamespace(inAnyOrder(body), namespace)
    : group === 'networking.k8s.io'
      ? ofIngress(body)
      : body;
  return textInOrder([group, kind, namespace, kind === 'Gateway' && name, told, said]);
}

/** The prefixes of annotations of those who deploy manifests; what others than Istio heed cannot be told. */
const OF_DEPLOYMENT: ReadonlySet<string> = new Set([
  'argocd.argoproj.io',
  'config.kubernetes.io',
  'helm.sh',
  'helm.toolkit.fluxcd.io',
  'kapp.k14s.io',
  'kubectl.kubernetes.io',
  'kustomize.toolkit.fluxcd.io',
  'meta.helm.sh',
]);

/** Whether a controller may heed an annotation. Names without a prefix are left to users. */
function mayBeServed(annotation: string): boolean {
  const [prefix = '', ...names] = annotation.split('/');
  return names.length > 0 && !OF_DEPLOYMENT.has(prefix) && annotation !== 'kubernetes.io/description';
}

/** A Gateway, or a route of one: listeners are known by name, and hosts have no order. */
function inAnyOrder({ spec }: Fields): Fields {
  const { listeners, hostnames, ...others } = fieldsOf(spec);
  return { ...others, listeners: sorted(listOf(listeners)), hostnames: sorted(listOf(hostnames)) };
}

/** The same where a namespace is written that is meant without it, too. */
function withoutNamespace(value: unknown, namespace: string): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => withoutNamespace(one, namespace));
  if (!isObject(value)) return value;
  const fields = Object.entries(value).filter(([key, field]) => key !== 'namespace' || field !== namespace);
  return Object.fromEntries(fields.map(([key, field]) => [key, withoutNamespace(field, namespace)]));
}

/**
 * An Ingress: of single hosts each request is for one, so that these have no order, nor have paths, of which the longest counts; those that controllers
 * read in their own way stay as they are.
 */
function ofIngress({ spec }: Fields): Fields {
  const { rules, ...others } = fieldsOf(spec);
  const all = listOf(rules).map(fieldsOf);
  const hosts = new Set(all.map(({ host }) => stringOf(host)));
  const areApart = hosts.size === all.length && ![...hosts].some((host) => host === '' || host.startsWith('*'));
  const read = all.map(({ http, ...rule }) => {
    const paths = listOf(fieldsOf(http).paths).map(fieldsOf);
    const known = new Set(paths.map(({ path, pathType }) => JSON.stringify([path, pathType])));
    const haveOrder = known.size < paths.length || paths.some(({ pathType }) => pathType !== 'Exact' && pathType !== 'Prefix');
    return { ...rule, http: { ...fieldsOf(http), paths: haveOrder ? paths : sorted(paths) } };
  });
  return { ...others, rules: areApart ? sorted(read) : read };
}

function sorted(values: readonly unknown[]): readonly unknown[] {
  return [...values].sort((one, other) => compareText(textInOrder(one), textInOrder(other)));
}
