import type { ClientTLSSettings, DestinationRule, TrafficPolicyPortTrafficPolicy } from '../../api/istio.gen.ts';
import type { Path } from '../../diagnostics/diagnostic.ts';
import { backendPolicyIgnored, targetOfOthers } from '../../diagnostics/problems/gateway-api.ts';
import type { Resource, ResourceOf } from '../../resource/resource.ts';
import { compact } from '../../util/object.ts';
import { compareText } from '../../util/text.ts';
import { PARENTS_ANNOTATION } from '../gateways/gateways.ts';
import { configMapValues, rootProblem } from './certificates.ts';
import { derivedFrom, type GatewayApiContext } from './context.ts';
import { KUBERNETES_GATEWAY } from './listeners.ts';

const IGNORE_ANNOTATION = 'istio.io/ignore-policy-attachment';
/** Groups of targets that Istio knows, and `core`, which some write for that of Services. */
const GROUPS: readonly string[] = ['', 'core', 'networking.istio.io'];
/** A secret that never holds a valid certificate, so that nothing is sent in the clear. */
const INVALID_CREDENTIAL = 'invalid://';

/** What a policy says for one host of one target. */
interface BackendPolicy {
  readonly policy: ResourceOf<'BackendTLSPolicy'>;
  readonly kind: string;
  readonly name: string;
  readonly host: string;
  /** Port that it is for; undefined for all. */
  readonly port: number | undefined;
  readonly tls: ClientTLSSettings;
}

/**
 * The DestinationRules of BackendTLSPolicies, one for each host; where several policies are for the same, the oldest counts.
 * As istio gateway/backend_policies.go DestinationRuleCollection.
 */
export function convertBackendTlsPolicies(
  context: GatewayApiContext,
  policies: readonly ResourceOf<'BackendTLSPolicy'>[],
): readonly ResourceOf<'DestinationRule'>[] {
  const byHost = new Map<string, BackendPolicy[]>();
  const owners = new Map<string, Resource>();
  for (const policy of [...policies].sort(comparePolicies)) {
    for (const one of expandPolicy(context, policy, owners)) {
      const key = [one.policy.namespace, one.kind, one.name, one.host].join('/');
      const list = byHost.get(key);
      if (list === undefined) byHost.set(key, [one]);
      else list.push(one);
    }
  }
  return [...byHost.values()].flatMap(mergePolicies);
}

function comparePolicies(a: Resource, b: Resource): number {
  const [timeA, timeB] = [a.createdAt ?? Number.NEGATIVE_INFINITY, b.createdAt ?? Number.NEGATIVE_INFINITY];
  if (timeA !== timeB) return timeA < timeB ? -1 : 1;
  return compareText(a.namespace, b.namespace) || compareText(a.name, b.name);
}

function mergePolicies(policies: readonly BackendPolicy[]): readonly ResourceOf<'DestinationRule'>[] {
  const [first] = policies;
  if (first === undefined) return [];
  const general = policies.find(({ port }) => port === undefined);
  const byPort = new Map<number, BackendPolicy>();
  for (const policy of policies) if (policy.port !== undefined && !byPort.has(policy.port)) byPort.set(policy.port, policy);
  const portLevelSettings = [...byPort].map(([number, { tls }]): TrafficPolicyPortTrafficPolicy => ({ port: { number }, tls }));
  const name =
    first.kind === 'ServiceEntry'
      ? `${first.name}~${first.host.replaceAll('.', '-')}~${KUBERNETES_GATEWAY}`
      : `${first.name}~${KUBERNETES_GATEWAY}`;
  const parents = [...new Set(policies.map(({ policy }) => `BackendTLSPolicy/${policy.namespace}.${policy.name}`))].join(',');
  const spec: DestinationRule = {
    host: first.host,
    trafficPolicy: compact({
      tls: general?.tls,
      portLevelSettings: portLevelSettings.length > 0 ? portLevelSettings : undefined,
    }),
  };
  const derived = derivedFrom(first.policy, name, { [PARENTS_ANNOTATION]: parents });
  return [{ ...derived, kind: 'DestinationRule', spec, createdAt: Number.NEGATIVE_INFINITY }];
}

/**
 * What the policy says for each host of each of its targets, unless an older policy has the very same target; `owners` remembers
 * them. As istio BackendTLSPolicyCollection and btlsIsConflicted.
 */
function expandPolicy(
  context: GatewayApiContext,
  policy: ResourceOf<'BackendTLSPolicy'>,
  owners: Map<string, Resource>,
): readonly BackendPolicy[] {
  const ignore = (path: Path, reason: string): readonly BackendPolicy[] => {
    context.note(backendPolicyIgnored, policy, path, reason);
    return [];
  };
  if (context.behaviours.ignoresAnnotatedPolicies && policy.annotations[IGNORE_ANNOTATION]?.toLowerCase() === 'true') {
    return ignore(['metadata', 'annotations', IGNORE_ANNOTATION], `it is annotated ${IGNORE_ANNOTATION}`);
  }
  const tls = clientTls(context, policy);
  return (policy.spec.targetRefs ?? []).flatMap(({ group, kind, name, sectionName = '' }, i) => {
    const path = ['spec', 'targetRefs', i];
    if (!GROUPS.includes(group)) {
      context.note(targetOfOthers, policy, path, name, `${kind} (${group})`);
      return [];
    }
    const target = findTarget(context, policy.namespace, group, kind, name);
    if (typeof target === 'string') return ignore(path, target);
    const section = target.ports.find((port) => port.name === sectionName);
    if (sectionName !== '' && section === undefined)
      return ignore(path, `${kind} ${policy.namespace}/${name} has no port named ${sectionName}`);
    const key = JSON.stringify([policy.namespace, group, kind, name, sectionName]);
    const owner = owners.get(key) ?? policy;
    if (owner !== policy) return ignore(path, `the older policy ${owner.namespace}/${owner.name} has the same target`);
    owners.set(key, policy);
    const port = sectionName === '' ? undefined : section?.port;
    return target.hosts.map((host) => ({ policy, kind, name, host, port, tls }));
  });
}

interface Target {
  readonly hosts: readonly string[];
  readonly ports: readonly { readonly name: string; readonly port: number }[];
}

function findTarget(context: GatewayApiContext, namespace: string, group: string, kind: string, name: string): Target | string {
  if (group === '' && kind === 'Service') {
    const service = context.service(namespace, name);
    if (service === undefined) return `Service ${namespace}/${name} does not exist`;
    return {
      hosts: [`${name}.${namespace}.svc.${context.domainSuffix}`],
      ports: (service.spec.ports ?? []).map((port) => ({ name: port.name ?? '', port: port.port })),
    };
  }
  if (group === 'networking.istio.io' && kind === 'ServiceEntry') {
    const entry = context.serviceEntry(namespace, name);
    if (entry === undefined) return `ServiceEntry ${namespace}/${name} does not exist`;
    return {
      hosts: entry.spec.hosts ?? [],
      ports: (entry.spec.ports ?? []).map((port) => ({ name: port.name ?? '', port: port.number ?? 0 })),
    };
  }
  return `Istio knows no targets of kind ${kind}${group === 'core' ? ' (core): the group of a Service is ""' : ''}`;
}

function clientTls(context: GatewayApiContext, policy: ResourceOf<'BackendTLSPolicy'>): ClientTLSSettings {
  const { validation } = policy.spec;
  const names = (validation?.subjectAltNames ?? []).map(({ type, hostname = '', uri = '' }) =>
    type === 'Hostname' ? hostname : uri,
  );
  return compact({
    mode: 'SIMPLE' as const,
    sni: validation?.hostname || undefined,
    subjectAltNames: names.length > 0 ? names : undefined,
    credentialName: credentialName(context, policy) || undefined,
  });
}

/** The CA certificates; empty for those of the operating system. As istio getBackendTLSCredentialName. */
function credentialName(context: GatewayApiContext, policy: ResourceOf<'BackendTLSPolicy'>): string {
  const { wellKnownCACertificates, caCertificateRefs = [] } = policy.spec.validation ?? {};
  const path = ['spec', 'validation'];
  const note = (field: string | number, reason: string): void =>
    context.note(backendPolicyIgnored, policy, [...path, field], reason);
  if (wellKnownCACertificates !== undefined) {
    if (wellKnownCACertificates !== 'System') {
      note('wellKnownCACertificates', `${wellKnownCACertificates} is not known, the system's certificates are taken`);
    }
    return '';
  }
  const [reference, ...others] = caCertificateRefs;
  if (reference === undefined) return '';
  if (others.length > 0) note('caCertificateRefs', 'only the first of its caCertificateRefs is used');
  const problem = authorityProblem(context, policy.namespace, reference);
  if (problem === undefined) return `configmap://${policy.namespace}/${reference.name}`;
  note('caCertificateRefs', `${problem}, so that no connection to the backend succeeds`);
  return INVALID_CREDENTIAL;
}

function authorityProblem(
  context: GatewayApiContext,
  namespace: string,
  { group, kind, name }: { readonly group: string; readonly kind: string; readonly name: string },
): string | undefined {
  if (group !== '' || kind !== 'ConfigMap') return `CA certificates of kind ${kind} are not supported`;
  const configMap = context.configMap(namespace, name);
  if (configMap === undefined) return `ConfigMap ${namespace}/${name} is not among the manifests`;
  const problem = rootProblem(configMapValues(configMap.spec), false);
  return problem && `ConfigMap ${namespace}/${name} cannot be used: ${problem}`;
}
