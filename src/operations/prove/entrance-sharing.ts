import type { Listener } from '../../envoy/api.gen.ts';
import type { XdsSnapshot } from '../../envoy/snapshot.ts';
import type { DataPlane } from '../../trace/data-plane.ts';
import type { Lookups } from '../../trace/lookups.ts';
import { assertNever } from '../../util/assert.ts';
import { memo } from '../../util/memo.ts';
import { textOfListener, withoutOwn } from '../reachability/alike-callers.ts';
import type { IdentityQuestions } from './identity-questions.ts';
import { type ClientEntrance, type ExploredEntrance, isOwn } from './prove.ts';
import type { Statement } from './statement.ts';

/** Takes what was found for one client for others too. */
export interface EntranceSharing {
  /** What is found of an entrance for a statement, in a data plane that notes what is looked up. */
  find(entrance: ClientEntrance, statement: Statement, find: (dataPlane: DataPlane) => ExploredEntrance): ExploredEntrance;
}

/**
 * Clients that are alike but for their own proxies share what was found of requests to the same place where those tell the same of all
 * that was looked up on the way: the listener, the virtual host of the only host that is asked for, its clusters with their endpoints.
 */
export function createEntranceSharing(dataPlane: DataPlane, identities: IdentityQuestions): EntranceSharing {
  const ask = createAsking(dataPlane.lookups, identities);
  const start = memo((_statement: Statement, _entrance: string) => new Step());
  return {
    find(entrance, statement, find) {
      const { client, kind, base, authority, within } = entrance;
      const snapshot = client && dataPlane.snapshotOf(client.pod);
      const isOfAll = within.kind === 'all' && within.of.length === 0;
      if (client?.alike === undefined || snapshot === undefined || !isOfAll) return find(dataPlane);
      const { pod, alike } = client;
      const asked = { snapshot, ips: pod.ips, identity: pod.identity };
      const first = start(statement, JSON.stringify([kind, base.address, base.scheme, authority, alike]));
      const step = first.follow((question) => ask.about(question, asked));
      // A workload may call itself.
      if (step.found !== undefined) return isOwn(pod, entrance, step.found.places, dataPlane) ? find(dataPlane) : step.found;
      const questions: Question[] = [{ kind: 'extensions' }];
      const result = find({ ...dataPlane, lookups: ask.noting(snapshot, questions) });
      // Who breaks a statement is told by name.
      const isBroken = result.classes.some((one) => !('gaveUp' in one) && one.violation !== undefined);
      if (!isBroken && !isOwn(pod, entrance, result.places, dataPlane)) {
        const askers = [...result.places].map((place): Question => ({ kind: 'identity', place }));
        first.follow((question) => ask.about(question, asked), [...questions, ...askers]).found = result;
      }
      return result;
    },
  };
}

/** How far some answers have led: to the next question, or to what was found. */
class Step {
  found: ExploredEntrance | undefined;
  private question: Question | undefined;
  private readonly next = new Map<number, Step>();

  /** Where answers lead, through what is asked here and what is to be asked beside it. */
  follow(answer: (question: Question) => number, further: readonly Question[] = []): Step {
    const [next, ...others] = further;
    this.question ??= next;
    const { question } = this;
    if (question === undefined) return this;
    const told = answer(question);
    const step = this.next.get(told) ?? new Step();
    this.next.set(told, step);
    return step.follow(answer, question === next ? others : further.filter((one) => !isSame(one, question)));
  }
}

function isSame(one: Question, other: Question): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What is looked up in the configuration of a client's proxy, and what those on the way ask about its identity. */
type Question =
  | { readonly kind: 'extensions' }
  | { readonly kind: 'identity'; readonly place: string }
  | { readonly kind: 'listener' | 'cluster' | 'endpoints' | 'routes' | 'all routes'; readonly name: string }
  | { readonly kind: 'listeners at'; readonly address: string; readonly port: number }
  | { readonly kind: 'virtual host'; readonly name: string; readonly authority: string };

/** A client of which is asked: the configuration of its proxy, its addresses, and who it is. */
interface Asked {
  readonly snapshot: XdsSnapshot;
  readonly ips: readonly string[];
  readonly identity: string;
}

/** Asks questions, of which equal answers are one number, and notes those that lookups ask. */
function createAsking(lookups: Lookups, identities: IdentityQuestions) {
  const numbers = new Map<string, number>();
  const numberOf = (text: string): number => {
    const known = numbers.get(text) ?? numbers.size;
    numbers.set(text, known);
    return known;
  };
  const ofPart = memo((part: object | undefined) => numberOf(JSON.stringify(part) ?? ''));
  const ofListener = memo((listener: Listener, ips: string) => numberOf(textOfListener(withoutOwn(listener, ips.split(' ')))));
  const shellOf = memo((routes: object | undefined) => numberOf(JSON.stringify({ ...routes, virtualHosts: undefined })));
  const about = (question: Question, { snapshot, ips, identity }: Asked): number => {
    switch (question.kind) {
      case 'extensions':
        return ofPart(snapshot.extensionConfigs);
      case 'identity':
        return numberOf(identities.answersAt(question.place, identity));
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
    about,
    /** The lookups, with what they are asked of the proxy with this configuration noted: each once, in order. */
    noting(own: XdsSnapshot, questions: Question[]): Lookups {
      const seen = new Set<string>();
      const note = (question: Question): void => {
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
