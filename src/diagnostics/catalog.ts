import type { Diagnostic, Location, Path, Related, ResourceRef, Severity } from './diagnostic.ts';

/**
 * Every problem that mesh itself finds with its inputs: code, severity and wording, sorted by code. Codes are never reused.
 * Ranges: MESH00xx reading, parsing and decoding; MESH01xx schemas of resources; MESH1xxx rules that need the whole mesh.
 * Codes `IST....` are Istio's own and stand beside its analyzers.
 */

/** What a problem is about. */
export interface Subject {
  readonly location?: Location;
  readonly resource?: ResourceRef;
  readonly path?: Path;
  readonly related?: readonly Related[];
  readonly reference?: string;
}

/** A kind of problem: call it with its subject and the arguments of its message. */
export interface Problem<A extends readonly unknown[]> {
  (subject: Subject, ...args: A): Diagnostic;
  readonly code: string;
  readonly severity: Severity;
  /** What it means and what to do about it; for documentation. */
  readonly about: string;
}

/** Defines a problem. */
export function defineProblem<A extends readonly unknown[]>(
  code: string,
  severity: Severity,
  about: string,
  message: (...args: A) => string,
): Problem<A> {
  const make = (subject: Subject, ...args: A): Diagnostic => ({ code, severity, message: message(...args), ...subject });
  return Object.assign(make, { code, severity, about });
}

/** ` (did you mean "x"?)`, or nothing. */
function didYouMean(suggestions: readonly string[]): string {
  if (suggestions.length === 0) return '';
  const quoted = suggestions.map((suggestion) => `"${suggestion}"`);
  const last = quoted.pop() ?? '';
  return ` (did you mean ${quoted.length === 0 ? last : `${quoted.join(', ')} or ${last}`}?)`;
}

export const unreadable: Problem<[path: string, reason: string]> = defineProblem(
  'MESH0001',
  'error',
  'A file or folder that was named cannot be read: it does not exist, permission is missing, or it is not text.',
  (path, reason) => `cannot read ${path}: ${reason}`,
);

export const nothingFound: Problem<[path: string, looked: string]> = defineProblem(
  'MESH0002',
  'error',
  'A folder or pattern that was named holds no manifests.',
  (path, looked) => `no manifests in ${path}: ${looked}`,
);

export const yamlSyntax: Problem<[reason: string]> = defineProblem(
  'MESH0003',
  'error',
  'A document is not YAML (or JSON). Other documents of the file are still read.',
  (reason) => `not valid YAML: ${reason}`,
);

export const aliasBomb: Problem<[problem: 'recursive' | 'excessive']> = defineProblem(
  'MESH0004',
  'error',
  'YAML aliases make a document contain itself or blow up when expanded; Kubernetes refuses it too.',
  (problem) =>
    problem === 'recursive'
      ? 'an anchor contains an alias of itself'
      : 'the document grows out of bounds when its aliases are expanded',
);

export const notAnObject: Problem<[missing: string]> = defineProblem(
  'MESH0005',
  'warning',
  'A document is not a Kubernetes object, so it is passed over.',
  (missing) => `not a Kubernetes object (${missing}), passed over`,
);

export const noName: Problem<[]> = defineProblem(
  'MESH0006',
  'error',
  'An object has no metadata.name.',
  () => 'metadata.name is missing',
);

export const wrongType: Problem<[field: string, expected: string, found: string]> = defineProblem(
  'MESH0007',
  'error',
  'A field has a value of another type than its schema says.',
  (field, expected, found) => `${field} must be ${expected}, not ${found}`,
);

export const definedTwice: Problem<[first: string]> = defineProblem(
  'MESH0008',
  'error',
  'The same object (kind, namespace and name) stands in the input twice.',
  (first) => `defined twice, first at ${first}`,
);

export const versionNotServed: Problem<[kind: string, version: string, served: string]> = defineProblem(
  'MESH0009',
  'warning',
  'The version of an object is none that its API group serves; the object is passed over, as a cluster would refuse it.',
  (kind, version, served) => `${kind} is not served as ${version} (but as ${served}), passed over`,
);

export const addressesExhausted: Problem<[pool: string]> = defineProblem(
  'MESH0010',
  'error',
  'More pods or services are without an address than the pool for made-up addresses holds.',
  (pool) => `no address of ${pool} is left; write addresses into the manifests`,
);

export const invalidValue: Problem<[field: string, value: string, expected: string]> = defineProblem(
  'MESH0011',
  'error',
  'A field has a value that it cannot have.',
  (field, value, expected) => `${field} is ${value}; it must be ${expected}`,
);

export const unknownField: Problem<[field: string, suggestions: readonly string[]]> = defineProblem(
  'MESH0012',
  'error',
  'A field does not exist.',
  (field, suggestions) => `unknown field "${field}"${didYouMean(suggestions)}`,
);

export const meshConfigTwice: Problem<[]> = defineProblem(
  'MESH0013',
  'warning',
  'MeshConfig is given by --mesh-config and by a ConfigMap; the flag wins.',
  () => 'the mesh of this ConfigMap is not used, because --mesh-config is given',
);

export const missingField: Problem<[field: string]> = defineProblem(
  'MESH0014',
  'error',
  'A field that its schema demands is missing.',
  (field) => `${field} is missing`,
);

export const configRefused: Problem<[message: string, reason: string]> = defineProblem(
  'MESH0015',
  'warning',
  'istiod refuses MeshConfig, or MeshNetworks, as a whole because of one value, and goes on with its defaults; so does mesh.',
  (message, reason) =>
    `nothing in this ${message} takes effect: istiod refuses it as a whole and goes on with its defaults (${reason})`,
);

export const configSpelling: Problem<[written: string, field: string]> = defineProblem(
  'MESH0016',
  'warning',
  'A field of MeshConfig has no effect as it is spelled: istiod looks for this one in camelCase only.',
  (written, field) => `${written} has no effect: istiod reads this field only as ${field}`,
);

export const linkLeadsOut: Problem<[path: string, target: string, named: string]> = defineProblem(
  'MESH0040',
  'warning',
  'A link in a folder of manifests leads out of it, and is not followed: whoever may write into the folder could make mesh read anything.',
  (path, target, named) => `${path} is a link to ${target}, which is not in ${named}: not read; name the link itself to read it`,
);

export const configUnknown: Problem<[folder: string, reason: string]> = defineProblem(
  'MESH0041',
  'warning',
  'A folder above the current one cannot be searched, so that nobody knows whether it has a mesh.config.yaml; the command goes on without.',
  (folder, reason) => `whether ${folder} has a mesh.config.yaml cannot be known: ${reason}`,
);

export const unreadableValue: Problem<[field: string, complaint: string, suggestions: readonly string[]]> = defineProblem(
  'MESH0101',
  'error',
  'A field of an Istio resource has a value that Istio cannot read, so it ignores the whole resource.',
  (field, complaint, suggestions) => `${field}: ${complaint}${didYouMean(suggestions)}`,
);

export const fieldIgnored: Problem<[field: string, suggestions: readonly string[]]> = defineProblem(
  'MESH0102',
  'warning',
  'The value of an EnvoyFilter patch has a field that Envoy, as this version of Istio knows it, does not have. Istio ignores it.',
  (field, suggestions) => `unknown field "${field}", which Istio ignores${didYouMean(suggestions)}`,
);

export const onlyNoted: Problem<[message: string]> = defineProblem(
  'MESH0103',
  'info',
  'Istio takes a resource as it is, and its command line has something to say about it.',
  (message) => message,
);

export const apiServerRefuses: Problem<[field: string, message: string]> = defineProblem(
  'MESH0110',
  'error',
  'An object has a name, label, port or address that Kubernetes does not allow: its API server refuses the object, so that Istio never sees it.',
  (field, message) => `${field}: ${message}`,
);

export const ingressPartIgnored: Problem<[field: string, reason: string]> = defineProblem(
  'MESH1101',
  'warning',
  'Istio leaves a part of an Ingress out of what it configures.',
  (field, reason) => `${field} has no effect: ${reason}`,
);

export const ingressClassUnknown: Problem<[name: string]> = defineProblem(
  'MESH1102',
  'warning',
  'An Ingress names an IngressClass that is not among the manifests, so that nobody can tell whether it is Istio that serves it.',
  (name) => `IngressClass ${name} is not among the manifests; it is read as if no class were named`,
);

export const gatewayClassForeign: Problem<[name: string, remote: boolean]> = defineProblem(
  'MESH1201',
  'info',
  'A Gateway of the Gateway API is of a class for which Istio configures nothing: another controller’s, a remote cluster’s, or a waypoint (ambient mode is not supported).',
  (name, remote) =>
    remote
      ? `gateways of class ${name} stand in another cluster; nothing is configured for this one`
      : `GatewayClass ${name} is not one that Istio serves without ambient mode; nothing is configured for this Gateway`,
);

export const listenerNotProgrammed: Problem<[listener: string, reason: string]> = defineProblem(
  'MESH1202',
  'warning',
  'Istio leaves a listener of a Gateway out: it would report it as not programmed.',
  (listener, reason) => `listener ${listener} is not served: ${reason}`,
);

export const parentRefused: Problem<[parent: string, reason: string]> = defineProblem(
  'MESH1203',
  'warning',
  'A route is not attached to one of its parents: Istio would report it as not accepted.',
  (parent, reason) => `the route is not attached to ${parent}: ${reason}`,
);

export const routeRefused: Problem<[reason: string]> = defineProblem(
  'MESH1204',
  'warning',
  'Istio serves no rule of a route, because it cannot convert one of them.',
  (reason) => `no rule of the route is served: ${reason}`,
);

export const backendInvalid: Problem<[reason: string]> = defineProblem(
  'MESH1205',
  'warning',
  'Requests that a route sends to a backend fail, because the reference to the backend does not hold.',
  (reason) => `requests to this backend fail: ${reason}`,
);

export const mirrorIgnored: Problem<[reason: string]> = defineProblem(
  'MESH1206',
  'warning',
  'A route does not mirror requests, because the reference to the backend does not hold.',
  (reason) => `requests are not mirrored: ${reason}`,
);

export const fieldNotSupported: Problem<[field: string]> = defineProblem(
  'MESH1207',
  'warning',
  'Istio does not support a field of the Gateway API and passes over it.',
  (field) => `${field} has no effect: Istio does not support it`,
);

export const routeKindNotSupported: Problem<[kind: string, protocol: string]> = defineProblem(
  'MESH1208',
  'warning',
  'A listener allows routes of a kind that its protocol cannot have.',
  (kind, protocol) => `a listener of protocol ${protocol} takes no routes of kind ${kind}`,
);

export const gatewayAddressIgnored: Problem<[address: string, gateway: string]> = defineProblem(
  'MESH1209',
  'warning',
  'An address of a Gateway is none that Istio can use: with several addresses, only hostnames of Services are.',
  (address, gateway) => `address ${address} of Gateway ${gateway} is not a hostname and has no effect`,
);

export const listenerSetRefused: Problem<[reason: string]> = defineProblem(
  'MESH1210',
  'warning',
  'The listeners of a ListenerSet are not added to a Gateway.',
  (reason) => `none of its listeners is served: ${reason}`,
);

export const backendPolicyIgnored: Problem<[reason: string]> = defineProblem(
  'MESH1211',
  'warning',
  'A BackendTLSPolicy, or a part of it, has no effect.',
  (reason) => `the policy does not have full effect: ${reason}`,
);

export const tcpRouteNotServed: Problem<[]> = defineProblem(
  'MESH1212',
  'warning',
  'TCPRoutes are alpha: istiod reads them only with PILOT_ENABLE_ALPHA_GATEWAY_API, which is off by default.',
  () => 'istiod reads no TCPRoutes unless PILOT_ENABLE_ALPHA_GATEWAY_API is set, which is off by default',
);

export const gatewayAssumed: Problem<[kinds: string, name: string]> = defineProblem(
  'MESH1213',
  'info',
  'Istio itself runs a Gateway of the Gateway API; its Service and Deployment are not among the manifests and are taken to be as istiod makes them, with one pod.',
  (kinds, name) => `${kinds} ${name} are taken to be as istiod makes them`,
);

export const parametersNotRead: Problem<[]> = defineProblem(
  'MESH1214',
  'warning',
  'The parameters of a Gateway change the Service and Deployment that istiod makes; they are not read.',
  () => 'the parameters of the gateway are not read; write its Service and Deployment into the manifests if they matter',
);

export const gatewayKindNotSupported: Problem<[kind: string, group: string]> = defineProblem(
  'MESH1215',
  'info',
  'A kind of the Gateway API, or of its experimental and inference extensions, that istiod does not read by default; it is passed over.',
  (kind, group) => `${kind} (${group}) is passed over: istiod does not read it by default`,
);

export const gatewayAddressUnknown: Problem<[hostname: string, namespace: string]> = defineProblem(
  'MESH1216',
  'warning',
  'An address of a Gateway names a Service that is not in the namespace of the Gateway, so that no proxy serves the Gateway there.',
  (hostname, namespace) => `namespace ${namespace} has no Service ${hostname}, so that no proxy serves this Gateway there`,
);

export const gatewayServerRejected: Problem<[index: number, reason: string]> = defineProblem(
  'MESH1220',
  'warning',
  'A server of a Gateway is not served by a gateway to which the Gateway applies, because it conflicts with another server.',
  (index, reason) => `spec.servers[${index}] is not served: ${reason}`,
);

export const policyPartIgnored: Problem<[reason: string]> = defineProblem(
  'MESH1301',
  'warning',
  'A part of a policy means nothing to Istio, which leaves it out: an ALLOW rule is dropped whole, others match without the part.',
  (reason) => reason,
);

export const policyDenies: Problem<[reason: string]> = defineProblem(
  'MESH1302',
  'warning',
  'The external authorization of a CUSTOM policy cannot be asked, so Istio denies all that the policy matches.',
  (reason) => reason,
);

export const keysUnreachable: Problem<[reason: string]> = defineProblem(
  'MESH1303',
  'info',
  'The keys of a JWT rule are on the network. What is shown is what Istio sends while it cannot fetch them: every token is refused.',
  (reason) => reason,
);

export const policyWithoutEffect: Problem<[reason: string]> = defineProblem(
  'MESH1304',
  'warning',
  'Istio takes no notice of a whole policy.',
  (reason) => `the policy has no effect: ${reason}`,
);

export const telemetryProviderIgnored: Problem<[reason: string]> = defineProblem(
  'MESH1401',
  'warning',
  'A provider that a Telemetry resource or MeshConfig names gets nothing: there is none of that name, it is of the wrong kind, or its service cannot be found.',
  (reason) => reason,
);

export const environmentValueUnknown: Problem<[variable: string, provider: string]> = defineProblem(
  'MESH1402',
  'info',
  'An extension provider takes a header value from the environment of istiod, which is not known here; it is taken to be empty.',
  (variable, provider) =>
    `variable ${variable} of istiod, from which extension provider ${provider} takes a header value, is taken to be empty`,
);

export const notComputed: Problem<[what: string]> = defineProblem(
  'MESH1501',
  'warning',
  'A resource asks for something that mesh does not compute, so that istiod would send something else.',
  (what) => what,
);

export const patchSkipped: Problem<[field: string, complaint: string, suggestions: readonly string[]]> = defineProblem(
  'MESH1601',
  'warning',
  'The value of an EnvoyFilter patch is not what Envoy calls that object, so Istio skips the patch.',
  (field, complaint, suggestions) => `the patch has no effect: ${field}: ${complaint}${didYouMean(suggestions)}`,
);

export const patchingBreaksOff: Problem<[reason: string]> = defineProblem(
  'MESH1602',
  'warning',
  'An EnvoyFilter patch makes Istio break off, so that the resource gets no later patch. MERGE needs a match on objects of one type.',
  (reason) => `Istio breaks off at this patch, so later patches of the same resources have no effect: ${reason}`,
);

export const patchMatchesNothing: Problem<[reason: string]> = defineProblem(
  'MESH1603',
  'warning',
  'An EnvoyFilter patch changes nothing: no proxy is selected, or nothing that its proxies have fits its match.',
  (reason) => `the patch changes nothing: ${reason}`,
);
