import type { CidrRange, Listener } from '../../envoy/api.gen.ts';
import { chainsOf } from '../../envoy/filter-chains.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import { type AddressSet, addressesOf, exampleAddress, intersectAddresses, shareByRange } from '../../exploration/address-set.ts';
import { nameBelow } from '../../exploration/chain-walk.ts';
import { allOf, anyOf, type Formula, not } from '../../request-space/formula.ts';
import { isForKnown, namesOfChain, type OpaqueChain, opaqueChainsOf, type Target } from '../../sample-requests/targets.ts';
import { formsOfServerName, serverNameFormula } from '../../trace/filter-chain.ts';
import { groupBy } from '../../util/collections.ts';

/**
 * Targets of a sidecar that tell its filter chains apart, of those that do not look into HTTP, on several sides: of each chain for each part of its
 * addresses, and each of its names, that another chain of some side states, and for what is left of them. Listeners that are the same on all
 * sides need not be asked: there one connection tells of all that its chain takes, if it is for an address that is this chain's.
 */
export function opaqueTargetsOf(snapshots: readonly XdsSnapshot[], isAsked: (listener: Listener) => boolean): readonly Target[] {
  const chains = snapshots
    .filter(({ proxy }) => proxy.type === 'sidecar')
    .flatMap((snapshot) => opaqueChainsOf(snapshot).filter(({ listener }) => isAsked(listener)));
  const targets = [...groupBy(chains, ({ target }) => target.port).values()].flatMap((some) => {
    const names = new Set(some.flatMap(({ chain }) => namesOfChain(chain)));
    const ranges = [...new Map(some.flatMap(rangesOf).map((range) => [JSON.stringify(range), range])).values()];
    const shares = shareByRange(ranges, (range) => [range]).filter(({ values }) => values.length > 0);
    return some
      .filter(({ target }) => isForKnown(target))
      .flatMap((one) =>
        targetsOfChain(
          one,
          names,
          shares.map(({ own }) => own),
        ),
      );
  });
  // Chains of several sides, and those whose ranges lie in each other, may all be what a connection meets.
  const known = new Map<string, Target>();
  for (const target of targets) {
    const key = JSON.stringify([target.ip, target.port, target.serverName]);
    const clusters = [...new Set([...(known.get(key)?.clusters ?? []), ...target.clusters])];
    known.set(key, { ...target, clusters });
  }
  return [...known.values()];
}

/** Whether a range of one of a listener's chains begins with one of another chain, so that its first address does not tell of it. */
export function hasNestedRanges(listener: Listener): boolean {
  const ranges = chainsOf(listener).flatMap(({ filterChainMatch }) => filterChainMatch?.prefixRanges ?? []);
  const lengths = new Map(ranges.map(({ addressPrefix, prefixLen }) => [addressPrefix, prefixLen]));
  return ranges.some(({ addressPrefix, prefixLen }) => lengths.get(addressPrefix) !== prefixLen);
}

function rangesOf({ chain }: OpaqueChain): readonly CidrRange[] {
  return chain.filterChainMatch?.prefixRanges ?? [];
}

function targetsOfChain(one: OpaqueChain, names: ReadonlySet<string>, shares: readonly AddressSet[]): readonly Target[] {
  const { target } = one;
  const own = addressesOf(rangesOf(one));
  const parts = shares.map((share) => intersectAddresses(share, own)).filter((part) => part.length > 0);
  const ips = own.length === 0 ? [target.ip] : parts.map((part) => exampleAddress(part, []));
  const stated = namesOfChain(one.chain);
  const asked = [...names].filter((name) => formsOfServerName(name).some((form) => stated.includes(form)));
  if (stated.length === 0) return ips.map((ip) => ({ ...target, ip }));
  return ips.flatMap((ip) =>
    asked.map((name) => {
      const isWildcard = name.startsWith('*.');
      const serverName = isWildcard ? nameBelow(name, names, 'x') : name;
      const others = isWildcard ? asked.filter((other) => other !== name && other.endsWith(name.slice(1))) : [];
      return { ...target, ip, serverName, host: serverName, namesTaken: [{ names: [name], others }] };
    }),
  );
}

/** All names that TLS asks for where these targets are one place; undefined where none is asked for. */
export function namesTakenBy(targets: readonly Target[]): Formula | undefined {
  const taken = targets.flatMap(({ namesTaken = [] }) => namesTaken);
  if (taken.length === 0) return undefined;
  return anyOf(
    taken.map(({ names, others }) => allOf([anyOf(names.map(serverNameFormula)), not(anyOf(others.map(serverNameFormula)))])),
  );
}
