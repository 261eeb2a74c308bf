import type { DataPlane } from '../../trace/data-plane.ts';
import { memo } from '../../util/memo.ts';
import { type ConfigurationQuestion, createConfigurationQuestions } from '../reachability/configuration-questions.ts';
import type { IdentityQuestions } from '../reachability/identity-questions.ts';
import { type ClientEntrance, type ExploredEntrance, mayCallItself } from './prove.ts';
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
  const configuration = createConfigurationQuestions(dataPlane.lookups);
  const start = memo((_statement: Statement, _entrance: string) => new Step());
  return {
    find(entrance, statement, find) {
      const { client, kind, base, authority, within } = entrance;
      const snapshot = client && dataPlane.snapshotOf(client.pod);
      const isOfAll = within.kind === 'all' && within.of.length === 0;
      if (client?.alike === undefined || snapshot === undefined || !isOfAll) return find(dataPlane);
      const { pod, alike } = client;
      const answer = (question: Question): unknown =>
        question.kind === 'identity'
          ? identities.answersAt(question.place, pod.identity)
          : configuration.answer(question, { snapshot, ips: pod.ips });
      const first = start(statement, JSON.stringify([kind, base.address, base.scheme, authority, alike]));
      const step = first.follow(answer);
      // A workload may call itself.
      if (step.found !== undefined)
        return mayCallItself(pod, entrance, step.found.places, dataPlane) ? find(dataPlane) : step.found;
      const questions: ConfigurationQuestion[] = [{ kind: 'extensions' }];
      const result = find({ ...dataPlane, lookups: configuration.noting(snapshot, questions) });
      // Who breaks a statement is told by name.
      const isBroken = result.classes.some((one) => !('gaveUp' in one) && one.violation !== undefined);
      if (!isBroken && !mayCallItself(pod, entrance, result.places, dataPlane)) {
        const askers = [...result.places].map((place): Question => ({ kind: 'identity', place }));
        first.follow(answer, [...questions, ...askers]).found = result;
      }
      return result;
    },
  };
}

/** How far some answers have led: to the next question, or to what was found. */
class Step {
  found: ExploredEntrance | undefined;
  private question: Question | undefined;
  private readonly next = new Map<unknown, Step>();

  /** Where answers lead, through what is asked here and what is to be asked beside it. */
  follow(answer: (question: Question) => unknown, further: readonly Question[] = []): Step {
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
type Question = ConfigurationQuestion | { readonly kind: 'identity'; readonly place: string };
