import type { Listener } from '../../envoy/api.gen.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { Lookups } from '../../trace/lookups.ts';
import type { TracePod } from '../../trace/pod.ts';
import { assertNever } from '../../util/assert.ts';
import { isIpv6Text } from '../../util/ip-address.ts';
import { memo, numbering } from '../../util/memo.ts';

/** What is looked up in the configuration of a caller's proxy. */
export type ConfigurationQuestion =
  | { readonly kind: 'extensions' }
  | { readonly kind: 'listener' | 'cluster' | 'endpoints' | 'routes' | 'all routes'; readonly name: string }
  | { readonly kind: 'listeners at'; readonly address: string; readonly port: number }
  | { readonly kind: 'virtual host'; readonly name: string; readonly authority: string };

/** A caller that is asked: the configuration of its proxy, if it has one, and its addresses. */
export interface AskedProxy extends Pick<TracePod, 'ips'> {
  readonly snapshot: XdsSnapshot | undefined;
}

/** Asks the configurations of callers' proxies. */
export interface ConfigurationQuestions {
  /** Equal for equal answers to a question. */
  answer(question: ConfigurationQuestion, asked: AskedProxy): number;
  /** The lookups, with what they are asked of the proxy with this configuration put into the list: each once, in order. */
  noting(own: XdsSnapshot | undefined, questions: ConfigurationQuestion[]): Lookups;
}

/** The questions of callers over one data plane. */
export function createConfigurationQuestions(lookups: Lookups): ConfigurationQuestions {
  const numberOf = numbering();
  const ofPart = memo((part: object | undefined) => numberOf(JSON.stringify(part) ?? ''));
  const ofListener = memo((listener: Listener, ips: string) => numberOf(textOfListener(withoutOwn(listener, ips.split(' ')))));
  const shellOf = memo((routes: object | undefined) => numberOf(JSON.stringify({ ...routes, virtualHosts: undefined })));
  const answer = (question: ConfigurationQuestion, { snapshot, ips }: AskedProxy): number => {
    if (snapshot === undefined) return ofPart(snapshot);
    switch (question.kind) {
      case 'extensions':
        return ofPart(snapshot.extensionConfigs);
      case 'listener': {
        const listener = lookups.listener(snapshot, question.name);
        return listener === undefined ? ofPart(listener) : ofListener(listener, ips.join(' '));
      }
      case 'listeners at':
        return numberOf(
          lookups
            .listenersAt(snapshot, question.address, question.port)
            .map((listener) => ofListener(listener, ips.join(' ')))
            .join(),
        );
      case 'cluster':
        return ofPart(lookups.cluster(snapshot, question.name));
      case 'endpoints': {
        const cluster = lookups.cluster(snapshot, question.name);
        return ofPart(cluster && lookups.assignment(snapshot, cluster));
      }
      case 'routes':
        return shellOf(lookups.routes(snapshot, question.name));
      case 'all routes':
        return ofPart(lookups.routes(snapshot, question.name));
      case 'virtual host': {
        const routes = lookups.routes(snapshot, question.name);
        const found = routes && lookups.virtualHost(routes, question.authority);
        return found === undefined ? ofPart(found) : numberOf(`${found.domain} ${ofPart(found.virtualHost)}`);
      }
      default:
        return assertNever(question);
    }
  };
  return {
    answer,
    noting(own, questions) {
      const seen = new Set<string>();
      const note = (question: ConfigurationQuestion): void => {
        const key = JSON.stringify(question);
        if (!seen.has(key)) questions.push(question);
        seen.add(key);
      };
      const ownRoutes = new Set<object>();
      return {
        ...lookups,
        listener(snapshot, name) {
          if (snapshot === own) note({ kind: 'listener', name });
          return lookups.listener(snapshot, name);
        },
        listenersAt(snapshot, address, port) {
          if (snapshot === own) note({ kind: 'listeners at', address, port });
          return lookups.listenersAt(snapshot, address, port);
        },
        cluster(snapshot, name) {
          if (snapshot === own) note({ kind: 'cluster', name });
          return lookups.cluster(snapshot, name);
        },
        assignment(snapshot, cluster) {
          if (snapshot === own) note({ kind: 'endpoints', name: cluster.name ?? '' });
          return lookups.assignment(snapshot, cluster);
        },
        routes(snapshot, name) {
          const found = lookups.routes(snapshot, name);
          if (snapshot === own) note({ kind: 'routes', name });
          if (snapshot === own && found !== undefined) ownRoutes.add(found);
          return found;
        },
        virtualHost(routes, authority) {
          if (ownRoutes.has(routes)) note({ kind: 'virtual host', name: routes.name ?? '', authority });
          return lookups.virtualHost(routes, authority);
        },
        domains(routes) {
          if (ownRoutes.has(routes)) note({ kind: 'all routes', name: routes.name ?? '' });
          return lookups.domains(routes);
        },
      };
    },
  };
}

/** What a listener says but the tags of its spans. */
export function textOfListener(listener: Listener): string {
  return JSON.stringify(listener, (key, value: unknown) => (key === 'customTags' ? undefined : value));
}

/** A listener without the chains for connections of a pod to itself, which are not those to others. */
export function withoutOwn(listener: Listener, ips: readonly string[]): Listener {
  const isOwn = ({ filterChainMatch }: NonNullable<Listener['filterChains']>[number]): boolean =>
    filterChainMatch?.prefixRanges?.every(
      ({ addressPrefix = '', prefixLen }) => prefixLen === (isIpv6Text(addressPrefix) ? 128 : 32) && ips.includes(addressPrefix),
    ) === true && filterChainMatch.prefixRanges.length > 0;
  const { filterChains = [] } = listener;
  return filterChains.some(isOwn) ? { ...listener, filterChains: filterChains.filter((chain) => !isOwn(chain)) } : listener;
}
