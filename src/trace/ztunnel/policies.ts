import type { CidrRange } from '../../envoy/api.gen.ts';
import type { GroupMessage, MatchMessage, PolicyMessage } from '../../envoy/ztunnel.ts';
import { inRange } from '../strings.ts';
import { addressOfBytes } from './addresses.ts';

/** A connection as policies of ztunnel see it. */
export interface PolicySubject {
  readonly source: string;
  readonly destination: { readonly ip: string; readonly port: number };
  /** SPIFFE identity of the client; undefined for plain text. */
  readonly identity: string | undefined;
}

/** What the policies of a workload say of a connection. */
export interface ZtunnelVerdict {
  readonly isAllowed: boolean;
  readonly action: 'ALLOW' | 'DENY';
  /** The policy that decides, with the rule of it that matches; undefined where nobody of those that allow others allows it. */
  readonly match: { readonly policy: PolicyMessage; readonly group: GroupMessage } | undefined;
}

/**
 * Those who deny come first; where somebody allows, all others are denied; those that are only tried out decide nothing.
 * As ztunnel src/state.rs assert_rbac. Undefined without policies.
 */
export function judgeConnection(known: readonly PolicyMessage[], subject: PolicySubject): ZtunnelVerdict | undefined {
  const policies = known.filter(({ dryRun }) => dryRun !== true);
  const matching = (action: 'ALLOW' | 'DENY'): ZtunnelVerdict['match'] => {
    for (const policy of policies) {
      if ((policy.action ?? 'ALLOW') !== action) continue;
      const group = policy.groups?.find((candidate) => matchesGroup(candidate, subject));
      if (group !== undefined) return { policy, group };
    }
    return undefined;
  };
  if (policies.length === 0) return undefined;
  const denied = matching('DENY');
  if (denied !== undefined) return { isAllowed: false, action: 'DENY', match: denied };
  if (!policies.some(({ action = 'ALLOW' }) => action === 'ALLOW')) return { isAllowed: true, action: 'DENY', match: undefined };
  const allowed = matching('ALLOW');
  return { isAllowed: allowed !== undefined, action: 'ALLOW', match: allowed };
}

/** The policies that are only tried out and match a connection. */
export function triedOut(
  policies: readonly PolicyMessage[],
  subject: PolicySubject,
): readonly NonNullable<ZtunnelVerdict['match']>[] {
  return policies.flatMap((policy) => {
    const group = policy.dryRun === true ? policy.groups?.find((candidate) => matchesGroup(candidate, subject)) : undefined;
    return group === undefined ? [] : [{ policy, group }];
  });
}

/** The ranges of addresses of clients that policies name. */
export function sourceRanges(policies: readonly PolicyMessage[]): readonly CidrRange[] {
  const matches = policies.flatMap(({ groups = [] }) =>
    groups.flatMap(({ rules = [] }) => rules.flatMap(({ matches: all = [] }) => all)),
  );
  return matches
    .flatMap(({ sourceIps = [], notSourceIps = [] }) => [...sourceIps, ...notSourceIps])
    .map(({ address = '', length = 0 }) => ({ addressPrefix: addressOfBytes(address), prefixLen: length }));
}

/** Each clause must hold, and for that one of its matches; one that says nothing does not. As ztunnel src/rbac.rs matches. */
function matchesGroup({ rules = [] }: GroupMessage, subject: PolicySubject): boolean {
  return rules.every(
    ({ matches = [] }) => matches.length === 0 || matches.some((match) => !isEmpty(match) && matchesConnection(match, subject)),
  );
}

function isEmpty(match: MatchMessage): boolean {
  return Object.values(match).every((list: readonly unknown[]) => list.length === 0);
}

function matchesConnection(match: MatchMessage, { source, destination, identity = '' }: PolicySubject): boolean {
  const [, , , , namespace = '', , account = ''] = identity.split('/');
  // Policies leave out the scheme, and nobody without an identity has any.
  const principal = identity.startsWith(SCHEME) ? identity.slice(SCHEME.length) : undefined;
  return (
    holds(match.destinationIps, match.notDestinationIps, (range) => covers(range, destination.ip)) &&
    holds(match.sourceIps, match.notSourceIps, (range) => covers(range, source)) &&
    holds(match.destinationPorts, match.notDestinationPorts, (port) => port === destination.port) &&
    holds(
      match.serviceAccounts,
      match.notServiceAccounts,
      (wanted) => identity !== '' && wanted.namespace === namespace && wanted.serviceAccount === account,
    ) &&
    holds(match.principals, match.notPrincipals, (text) => principal !== undefined && fits(text, principal)) &&
    holds(match.namespaces, match.notNamespaces, (text) => fits(text, namespace))
  );
}

const SCHEME = 'spiffe://';

function holds<T>(wanted: readonly T[] = [], unwanted: readonly T[] = [], test: (value: T) => boolean): boolean {
  return (wanted.length === 0 || wanted.some(test)) && !unwanted.some(test);
}

type TextMatch = NonNullable<MatchMessage['principals']>[number];

function fits({ exact, prefix, suffix, presence }: TextMatch, text: string): boolean {
  if (exact !== undefined) return text === exact;
  if (prefix !== undefined) return text.startsWith(prefix);
  if (suffix !== undefined) return text.endsWith(suffix);
  return presence !== undefined && text !== '';
}

function covers({ address = '', length = 0 }: NonNullable<MatchMessage['sourceIps']>[number], ip: string): boolean {
  return inRange({ addressPrefix: addressOfBytes(address), prefixLen: length }, ip);
}
