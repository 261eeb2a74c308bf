import type { PeerAuthenticationMutualTLS } from '../../api/istio.gen.ts';
import type { Labels, ResourceOf } from '../../resource/resource.ts';
import { groupBy } from '../../util/collections.ts';
import { selects } from '../labels.ts';
import { creationTime } from '../order.ts';
import type { Authorization, ConnectionMatch, Group } from './authorizations.ts';

type Policy = ResourceOf<'PeerAuthentication'>;
type Mode = NonNullable<PeerAuthenticationMutualTLS['mode']>;

/** Name of the policy that asks for mutual TLS on all ports; no resource of Kubernetes can have it. */
const STRICT_POLICY = 'istio_converted_static_strict';

const withoutIdentity: ConnectionMatch = { notPrincipals: [{ presence: {} }] };

function modeOf(mtls: PeerAuthenticationMutualTLS | undefined): Mode {
  return mtls?.mode ?? 'UNSET';
}

const isPlain = (mode: Mode): boolean => mode === 'PERMISSIVE' || mode === 'DISABLE';

function portModes({ spec }: Policy): readonly (readonly [port: number, mode: Mode])[] {
  return Object.entries(spec.portLevelMtls ?? {})
    .map(([port, mtls]) => [Number(port), modeOf(mtls)] as const)
    .sort(([a], [b]) => a - b);
}

function convertedName(policy: Policy): string {
  return `converted_peer_authentication_${policy.name}`;
}

/** The oldest; of several of one age, the first. */
function oldest(policies: readonly Policy[]): Policy | undefined {
  return policies.reduce<Policy | undefined>(
    (best, policy) => (best === undefined || creationTime(policy) < creationTime(best) ? policy : best),
    undefined,
  );
}

/** What becomes of PeerAuthentications at ztunnel: policies that deny connections without mutual TLS. */
export interface MutualTls {
  /** All of them. */
  readonly authorizations: readonly Authorization[];
  /** Those that hold for a workload. */
  policiesOf(workload: Selectable): PeerPolicies;
}

/** What PeerAuthentications ask of connections to a workload. */
export interface PeerPolicies {
  /** `namespace/name` of the policies, sorted. */
  readonly policies: readonly string[];
  /** The PeerAuthentication that decides it; undefined where there are no policies. */
  readonly resource: Policy | undefined;
}

/** What a policy selects by. */
interface Selectable {
  readonly namespace: string;
  readonly labels: Labels;
}

/** Converts the PeerAuthentications of a mesh. */
export function convertPeerAuthentications(policies: readonly Policy[], rootNamespace: string): MutualTls {
  const byNamespace = groupBy(policies, ({ namespace }) => namespace);
  return {
    authorizations: allAuthorizations(policies, byNamespace, rootNamespace),
    policiesOf: (workload) => policiesOf(byNamespace, workload, rootNamespace),
  };
}

function allAuthorizations(
  policies: readonly Policy[],
  byNamespace: ReadonlyMap<string, readonly Policy[]>,
  rootNamespace: string,
): readonly Authorization[] {
  if (policies.length === 0) return [];
  const general = new Map(
    [...byNamespace].map(([namespace, list]) => [namespace, oldest(list.filter(({ spec }) => spec.selector === undefined))]),
  );
  const converted = policies.flatMap((policy) =>
    convert(policy, general.get(policy.namespace), general.get(rootNamespace), rootNamespace),
  );
  // It stands for all that are strict, of which the first is as good as any.
  const [first] = policies;
  const cause = policies.find(({ spec }) => modeOf(spec.mtls) === 'STRICT') ?? first;
  const strict = cause && deny(STRICT_POLICY, rootNamespace, [[[withoutIdentity]]], cause);
  return strict === undefined ? converted : [...converted, strict];
}

function deny(name: string, namespace: string, groups: readonly Group[], resource: Policy): Authorization {
  return { name, namespace, scope: 'WORKLOAD_SELECTOR', action: 'DENY', groups, resource };
}

/** A policy for single ports, with what the policies above it ask. As istio ambient/authorization.go convertPeerAuthentication. */
function convert(
  policy: Policy,
  ofNamespace: Policy | undefined,
  ofRoot: Policy | undefined,
  rootNamespace: string,
): readonly Authorization[] {
  const ports = portModes(policy);
  if (policy.namespace === rootNamespace || policy.spec.selector === undefined || ports.length === 0) return [];
  const mode = modeOf(policy.spec.mtls);
  const [namespaceMode, rootMode] = [ofNamespace, ofRoot].map((above) => above && modeOf(above.spec.mtls));
  const isStrictAbove =
    (mode === 'UNSET' && namespaceMode === 'STRICT') ||
    ((namespaceMode === undefined || namespaceMode === 'UNSET') && rootMode === 'STRICT');
  // What istiod takes for a mode that lets plain text in, where the policy itself says nothing.
  const isPlainAbove = namespaceMode === undefined ? rootMode !== 'STRICT' : namespaceMode !== 'STRICT';
  const groups: Group[] = [];
  const rules: ConnectionMatch[][] = mode === 'STRICT' ? [[withoutIdentity]] : [];
  let hasException = false;
  for (const [port, portMode] of ports) {
    if (portMode === 'STRICT') {
      if (mode !== 'STRICT' && !isStrictAbove) groups.push([[{ ...withoutIdentity, destinationPorts: [port] }]]);
    } else if (isPlain(portMode)) {
      if (isPlain(mode) || (mode === 'UNSET' && isPlainAbove)) continue;
      hasException = true;
      rules.push([{ notDestinationPorts: [port] }]);
    }
  }
  if ((mode === 'STRICT' && !hasException) || (rules.length === 0 && groups.length === 0)) return [];
  const isEffectivelyStrict =
    (rootMode === 'STRICT' && (namespaceMode === undefined || namespaceMode === 'UNSET')) || namespaceMode === 'STRICT';
  if (isEffectivelyStrict && hasException) rules.push([withoutIdentity]);
  return [deny(convertedName(policy), policy.namespace, rules.length === 0 ? groups : [...groups, rules], policy)];
}

/**
 * The policies that hold for a workload. Not all that `allAuthorizations` makes has a workload, as in istiod.
 * As convertedSelectorPeerAuthentications.
 */
function policiesOf(
  byNamespace: ReadonlyMap<string, readonly Policy[]>,
  { namespace, labels }: Selectable,
  rootNamespace: string,
): PeerPolicies {
  const isGeneral = ({ spec }: Policy): boolean => Object.keys(spec.selector?.matchLabels ?? {}).length === 0;
  const ofMesh = namespace === rootNamespace ? [] : (byNamespace.get(rootNamespace) ?? []);
  const seen = [
    ...ofMesh.filter(({ spec }) => spec.selector === undefined),
    ...(byNamespace.get(namespace) ?? []).filter(({ spec }) => selects(spec.selector?.matchLabels, labels)),
  ];
  const general = seen.filter(isGeneral);
  const ofRoot = oldest(general.filter((policy) => policy.namespace === rootNamespace));
  const ofNamespace = oldest(general.filter((policy) => policy.namespace !== rootNamespace));
  const own = oldest(seen.filter((policy) => !isGeneral(policy) && policy.namespace !== rootNamespace));
  let isStrict = modeOf(ofRoot?.spec.mtls) === 'STRICT';
  const namespaceMode = modeOf(ofNamespace?.spec.mtls);
  if (namespaceMode !== 'UNSET') isStrict = namespaceMode === 'STRICT';
  const above = namespaceMode === 'UNSET' ? ofRoot : ofNamespace;
  if (own === undefined) {
    return { policies: isStrict ? [`${rootNamespace}/${STRICT_POLICY}`] : [], resource: isStrict ? above : undefined };
  }
  const mode = modeOf(own.spec.mtls);
  if (mode !== 'UNSET') isStrict = mode === 'STRICT';
  const ports = portModes(own).map(([, portMode]) => portMode);
  // Where the policy itself says nothing, a port that is DISABLE does not count as an exception.
  const isException = (portMode: Mode): boolean => (mode === 'STRICT' ? isPlain(portMode) : portMode === 'PERMISSIVE');
  const isNeeded = isStrict ? ports.some(isException) : ports.includes('STRICT');
  const names = [
    // The policy for the ports repeats that all others are strict.
    ...(isStrict && !isNeeded ? [`${rootNamespace}/${STRICT_POLICY}`] : []),
    ...(isNeeded ? [`${own.namespace}/${convertedName(own)}`] : []),
  ];
  return { policies: names.sort(), resource: mode === 'UNSET' && !isNeeded ? above : own };
}
