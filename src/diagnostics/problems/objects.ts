import { didYouMean } from '../did-you-mean.ts';
import { defineProblem, type Problem } from '../problem.ts';

/** Problems of single objects: what is no object, what its schema does not allow, what the API server or Istio refuses to read. */

export const notAnObject: Problem<[missing: string]> = defineProblem({
  code: 'MESH0005',
  name: 'not-an-object',
  severity: 'warning',
  about: 'A document is not a Kubernetes object, so it is passed over.',
  example: 'replicas: 2\n',
  fix: 'Move files that hold no Kubernetes objects elsewhere, or leave them out; --ignore-unknown keeps the exit status.',
  message: (missing) => `not a Kubernetes object (${missing}), passed over`,
});

export const noName: Problem<[]> = defineProblem({
  code: 'MESH0006',
  name: 'no-name',
  severity: 'error',
  about: 'An object has no metadata.name.',
  example: 'apiVersion: v1\nkind: Service\nspec: {ports: [{port: 80}]}\n',
  fix: 'Write metadata.name.',
  message: () => 'metadata.name is missing',
});

export const wrongType: Problem<[field: string, expected: string, found: string]> = defineProblem({
  code: 'MESH0007',
  name: 'wrong-type',
  severity: 'error',
  about: 'A field has a value of another type than its schema says.',
  example: 'apiVersion: v1\nkind: Service\nmetadata: {name: cart}\nspec: {ports: [{port: http}]}\n',
  fix: 'Write a value of the type that is asked for; quotes make a text of a number.',
  message: (field, expected, found) => `${field} must be ${expected}, not ${found}`,
});

/** So many objects are named; of the others only their number. */
const MOST_NAMES = 3;

export const definedTwice: Problem<[first: string, more: readonly string[], pairs?: number]> = defineProblem({
  code: 'MESH0008',
  name: 'defined-twice',
  severity: 'error',
  about:
    'The same object (kind, namespace and name) stands in the input twice. Of two files that share several it is told once, and of many such pairs, which are variants of one system, in one finding.',
  example: 'apiVersion: v1\nkind: Service\nmetadata: {name: cart}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: cart}\n',
  fix: 'Remove one of the two. Variants of a resource belong in folders that are analyzed apart, as mesh analyze --group-by-folder does.',
  message: (first, more, pairs = 0) => {
    if (pairs > 0) return `defined twice, first at ${first}; ${pairs} more pairs of files define the same, as variants do`;
    const names = more.slice(0, MOST_NAMES).join(', ');
    const others = more.length > MOST_NAMES ? `${names} and ${more.length - MOST_NAMES} more` : names;
    return `defined twice, first at ${first}${more.length === 0 ? '' : `; so are ${others}`}`;
  },
});

export const versionNotServed: Problem<[kind: string, version: string, served: string]> = defineProblem({
  code: 'MESH0009',
  name: 'version-not-served',
  severity: 'warning',
  about: 'The version of an object is none that its API group serves; the object is passed over, as a cluster would refuse it.',
  example: 'apiVersion: networking.istio.io/v1alpha1\nkind: Gateway\nmetadata: {name: shop}\n',
  fix: 'Write one of the versions that are named.',
  message: (kind, version, served) => `${kind} is not served as ${version} (but as ${served}), passed over`,
});

export const addressesExhausted: Problem<[pool: string]> = defineProblem({
  code: 'MESH0010',
  name: 'addresses-exhausted',
  severity: 'error',
  about: 'More pods or services are without an address than the pool for made-up addresses holds.',
  cause: 'More pods than 10.244.0.0/16 has addresses.',
  fix: 'Write status.podIP or spec.clusterIP, or lower the number of replicas.',
  message: (pool) => `no address of ${pool} is left; write addresses into the manifests`,
});

export const invalidValue: Problem<[field: string, value: string, expected: string]> = defineProblem({
  code: 'MESH0011',
  name: 'invalid-value',
  severity: 'error',
  about: 'A field has a value that it cannot have.',
  example: 'apiVersion: v1\nkind: Service\nmetadata: {name: cart}\nspec: {ports: [{port: 80, protocol: HTTP}]}\n',
  fix: 'Write one of the values that are named.',
  message: (field, value, expected) => `${field} is ${value}; it must be ${expected}`,
});

export const unknownField: Problem<[field: string, suggestions: readonly string[]]> = defineProblem({
  code: 'MESH0012',
  name: 'unknown-field',
  severity: 'error',
  about: 'A field does not exist.',
  example: 'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: cart}\nspec: {hosts: [cart], htttp: []}\n',
  fix: 'Correct the name of the field; Istio ignores it as it is.',
  message: (field, suggestions) => `unknown field "${field}"${didYouMean(suggestions)}`,
});

export const missingField: Problem<[field: string]> = defineProblem({
  code: 'MESH0014',
  name: 'missing-field',
  severity: 'error',
  about: 'A field that its schema demands is missing.',
  example: 'apiVersion: v1\nkind: Service\nmetadata: {name: cart}\nspec: {ports: [{name: http}]}\n',
  fix: 'Write the field.',
  message: (field) => `${field} is missing`,
});

export const unreadableValue: Problem<[field: string, complaint: string, suggestions: readonly string[]]> = defineProblem({
  code: 'MESH0101',
  name: 'unreadable-value',
  severity: 'error',
  about: 'A field of an Istio resource has a value that Istio cannot read, so it ignores the whole resource.',
  example: `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart}
spec:
  hosts: [cart]
  http: [{timeout: soon, route: [{destination: {host: cart}}]}]
`,
  fix: 'Correct the value: Istio drops the whole resource because of it.',
  message: (field, complaint, suggestions) => `${field}: ${complaint}${didYouMean(suggestions)}`,
});

export const laterField: Problem<[field: string, since: string, release: string]> = defineProblem({
  code: 'MESH0104',
  name: 'later-field',
  severity: 'error',
  about:
    'A field exists in later releases of Istio only: the API server refuses the object, or drops the field. Commands that compute go on without it.',
  cause: 'A field that came with a later release than the one computed (--istio-version).',
  fix: 'Remove the field, or upgrade Istio and its definitions first.',
  message: (field, since, release) =>
    `field "${field}" exists from Istio ${since} on; ${release} does not know it, so its API server refuses the object or drops the field`,
});

export const laterKind: Problem<[kind: string, since: string, release: string]> = defineProblem({
  code: 'MESH0105',
  name: 'later-kind',
  severity: 'error',
  about: 'A kind exists in later releases of Istio only: the API server refuses the object. Commands that compute pass it over.',
  cause: 'A kind that came with a later release than the one computed (--istio-version).',
  fix: 'Remove the object, or upgrade Istio and its definitions first.',
  message: (kind, since, release) => `${kind} exists from Istio ${since} on; ${release} does not know it, passed over`,
});

export const onlyNoted: Problem<[message: string]> = defineProblem({
  code: 'MESH0103',
  name: 'only-noted',
  severity: 'info',
  about: 'Istio takes a resource as it is, and its command line has something to say about it.',
  cause: 'Something that istioctl validate warns of and istiod takes.',
  fix: 'Do as the message says, or leave it.',
  message: (message) => message,
});

export const apiServerRefuses: Problem<[field: string | undefined, message: string]> = defineProblem({
  code: 'MESH0110',
  name: 'api-server-refuses',
  severity: 'error',
  about:
    'An object has a value that Kubernetes does not allow, or that the schema or a rule of its kind does not: the API server refuses the object, so that Istio never sees it.',
  example: 'apiVersion: v1\nkind: Service\nmetadata: {name: Cart}\nspec: {ports: [{name: http, port: 70000}]}\n',
  fix: 'Write a value that the message allows; kubectl apply says the same of it.',
  message: (field, message) => (field === undefined ? message : `${field}: ${message}`),
});

export const experimentalField: Problem<[field: string]> = defineProblem({
  code: 'MESH0111',
  name: 'experimental-field',
  severity: 'error',
  about:
    'A field exists in the experimental channel of the Gateway API only: an API server with the definitions of the standard channel refuses the object, or drops the field.',
  cause:
    'A field of the experimental channel, such as `spec.rules[].retry` of an HTTPRoute, where nothing says that a cluster has it.',
  fix: 'Remove the field, or install the definitions of the experimental channel and say so (--gateway-api-channel experimental, or gatewayApiChannel in mesh.config.yaml).',
  message: (field) =>
    `unknown field "${field}": only the experimental channel of the Gateway API has it (--gateway-api-channel experimental)`,
});

/** What may be meant by a kind that there is not. */
export interface KindHint {
  /** The versions in which it is served. */
  readonly served?: readonly string[];
  /** Whether the experimental channel of the Gateway API has it. */
  readonly isExperimental?: boolean;
  readonly suggestions?: readonly string[];
  /** The field that is not written. */
  readonly missing?: string;
}

export const noMatch: Problem<[kind: string, apiVersion: string, hint?: KindHint]> = defineProblem({
  code: 'MESH0112',
  name: 'no-match',
  severity: 'error',
  about: 'A cluster does not know the kind of an object, or not in this version: kubectl finds no such kind and stops.',
  cause:
    'A version that is not served (`networking.istio.io/v2`), a kind of the experimental channel, or an object without a kind.',
  fix: 'Write a kind and a version that the message names.',
  message: (kind, apiVersion, { served = [], isExperimental = false, suggestions = [], missing } = {}) => {
    const words = `no matches for kind "${kind}" in version "${apiVersion}"`;
    const told = `${words}${missing === undefined ? '' : ` (${missing} is missing)`}${didYouMean(suggestions)}`;
    if (isExperimental) return `${told}: the experimental channel of the Gateway API has it (--gateway-api-channel experimental)`;
    return served.length === 0 ? told : `${told}: it is served as ${served.join(', ')}`;
  },
});
