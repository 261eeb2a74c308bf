import type { FilterChain, Listener } from '../../envoy/api.gen.ts';
import { chainsOf } from '../../envoy/filter-chains.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import { chainVerdicts } from '../../exploration/chain-verdicts.ts';
import type { ConnectionExample } from '../../exploration/chain-walk.ts';
import { ALWAYS, anyOf, type Formula } from '../../request-space/formula.ts';
import { namesOfChain, type OpaqueChain, opaqueChainsOf, type Target } from '../../sample-requests/targets.ts';
import { listenerFor } from '../../trace/any-address.ts';
import type { ConnectionTraits } from '../../trace/connection-traits.ts';
import { type ChainChooser, serverNameFormula } from '../../trace/filter-chain.ts';
import type { Lookups } from '../../trace/lookups.ts';
import { CLIENT_PORT, STRANGER } from '../../trace/strangers.ts';
import { groupBy } from '../../util/collections.ts';
import { compileExpression } from '../../util/re2.ts';

/** Connections that one filter chain takes, of those that do not look into HTTP. */
export interface ChainWay {
  readonly listener: Listener;
  readonly chain: FilterChain;
  /** One of them. */
  readonly target: Target;
  /** The address of the client, where the chain asks for another than clients have as a rule. */
  readonly sourceIp?: string;
  /** What holds of the server names of all that the chain takes. */
  readonly serverNames: Formula;
  /** Whether the chain takes connections with one server name only. */
  readonly isOfOneName: boolean;
  /** Whether the chain takes what is as the target, but for these. */
  takes(over: {
    readonly ip?: string | undefined;
    readonly serverName?: string | undefined;
    readonly sourceIp?: string | undefined;
  }): boolean;
}

/** The ways through a proxy whose filter chains do not look into HTTP. */
export interface ChainWays {
  readonly all: readonly ChainWay[];
  /** The one for a place and the name that TLS asks for, empty for none; undefined where that is looked into, or nobody takes it. */
  at(ip: string, port: number, serverName: string): ChainWay | undefined;
}

/**
 * The ways through a proxy whose filter chains do not look into HTTP: one for each chain that some connection takes, however few these are.
 * Of listeners of which that is too much to tell, each chain as it seems to be.
 */
export function chainWaysOf(
  snapshot: XdsSnapshot,
  ips: readonly string[],
  beyond: readonly string[],
  lookups: Lookups,
): ChainWays {
  const choose = lookups.filterChain;
  const isGateway = snapshot.proxy.type === 'gateway';
  const listens = (ip: string, port: number): Listener | undefined => listenerFor(lookups, snapshot, ip, port);
  const ends = { sources: isGateway ? [STRANGER] : ips, destinations: isGateway ? ips : beyond };
  const all = [...groupBy(opaqueChainsOf(snapshot), ({ listener }) => listener)].flatMap(([listener, opaque]) => {
    const asked = new Set(opaque.map(({ chain }) => chain));
    const trust = { arePortsKnown: true, isKnownAddress: () => true };
    const verdicts = chainVerdicts(
      listener,
      trust,
      (chain) => asked.has(chain),
      () => ends,
    );
    const verdictOf = new Map(chainsOf(listener).map((chain, place) => [chain, verdicts[place]]));
    return opaque.flatMap((one) => {
      const verdict = verdictOf.get(one.chain);
      if (verdict !== undefined && !('witness' in verdict)) return [];
      const example = verdict?.witness ?? exampleOf(one, ends.destinations);
      return [wayOfChain(one, example, ends.sources, isGateway, listens, choose)];
    });
  });
  const byChain = new Map(all.map((way) => [way.chain, way]));
  return {
    all,
    at(ip, port, serverName) {
      const listener = listens(ip, port);
      const [source = ''] = ends.sources;
      const traits = traitsOf({ ip, port }, { ip: source, port: CLIENT_PORT }, serverName);
      const chain = listener && choose(listener, traits).chain;
      return chain && byChain.get(chain);
    },
  };
}

/** A connection as filter chains see it. */
function traitsOf(
  destination: ConnectionTraits['destination'],
  source: ConnectionTraits['source'],
  serverName: string,
): ConnectionTraits {
  const transportProtocol = serverName === '' ? 'raw_buffer' : 'tls';
  return { destination, source, serverName, transportProtocol, applicationProtocols: [], compile: compileExpression };
}

function exampleOf({ target }: OpaqueChain, [ip = '']: readonly string[]): ConnectionExample {
  return traitsOf({ ip: target.ip ?? ip, port: target.port }, { ip: STRANGER, port: CLIENT_PORT }, target.serverName ?? '');
}

function wayOfChain(
  { listener, chain, target }: OpaqueChain,
  example: ConnectionExample,
  usual: readonly string[],
  isGateway: boolean,
  listensAt: (ip: string, port: number) => Listener | undefined,
  choose: ChainChooser,
): ChainWay {
  const { destination, source } = example;
  const takes: ChainWay['takes'] = ({ ip = destination.ip, serverName = example.serverName, sourceIp = source.ip }) =>
    (isGateway || listensAt(ip, destination.port) === listener) &&
    choose(listener, {
      ...example,
      serverName,
      ...(serverName !== '' && { transportProtocol: 'tls' }),
      destination: { ...destination, ip },
      source: { ...source, ip: sourceIp },
      compile: compileExpression,
    }).chain === chain;
  const names = namesOfChain(chain);
  // The name that the target has by itself is that of the chain, unless another chain has it, too.
  const serverName =
    target.serverName !== undefined && takes({ serverName: target.serverName }) ? target.serverName : example.serverName;
  const isTls = example.transportProtocol === 'tls';
  const { serverName: own, ...others } = target;
  return {
    listener,
    chain,
    target: {
      ...others,
      scheme: isTls ? 'tls' : 'tcp',
      host: own === target.host && serverName !== '' ? serverName : target.host,
      ip: isGateway ? target.ip : destination.ip,
      port: destination.port,
      ...(serverName !== '' && { serverName }),
    },
    ...(!usual.includes(source.ip) && { sourceIp: source.ip }),
    serverNames: names.length === 0 ? ALWAYS : anyOf(names.map(serverNameFormula)),
    isOfOneName: !isTls || (names.length === 1 && names[0]?.startsWith('*.') !== true),
    takes,
  };
}
