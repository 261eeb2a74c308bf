import { isAlways } from '../../request-space/formula.ts';
import { changedPlane, type DataPlane } from '../../trace/data-plane.ts';
import { memo } from '../../util/memo.ts';
import { AnswerStep } from '../reachability/answer-step.ts';
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
  const start = memo((_statement: Statement, _entrance: string) => new AnswerStep<Question, ExploredEntrance>());
  return {
    find(entrance, statement, find) {
      const { client, kind, base, authority, within } = entrance;
      const snapshot = client && dataPlane.snapshotOf(client.pod);
      if (client?.alike === undefined || snapshot === undefined || !isAlways(within)) return find(dataPlane);
      const { pod, alike } = client;
      const answer = (question: Question): unknown =>
        question.kind === 'identity'
          ? identities.answersAt(question.place, pod.identity)
          : configuration.answer(question, { snapshot, ips: pod.ips });
      const known = start(statement, JSON.stringify([kind, base.address, base.scheme, authority, alike])).follow(answer);
      // A workload may call itself.
      if (known?.found !== undefined)
        return mayCallItself(pod, entrance, known.found.places, dataPlane) ? find(dataPlane) : known.found;
      const questions: ConfigurationQuestion[] = [{ kind: 'extensions' }];
      const lookups = configuration.noting(snapshot, questions);
      const result = find(changedPlane(dataPlane, () => ({ lookups })));
      // Who breaks a statement is told by name.
      const isBroken = result.classes.some((one) => !('gaveUp' in one) && one.violation !== undefined);
      if (!isBroken && !mayCallItself(pod, entrance, result.places, dataPlane)) {
        const askers = [...result.places].map((place): Question => ({ kind: 'identity', place }));
        const step = known?.follow(answer, [...questions, ...askers]);
        if (step !== undefined) step.found = result;
      }
      return result;
    },
  };
}

/** What is looked up in the configuration of a client's proxy, and what those on the way ask about its identity. */
type Question = ConfigurationQuestion | { readonly kind: 'identity'; readonly place: string };
