import { type DataPlane, podKey } from '../../trace/data-plane.ts';
import type { TracePod } from '../../trace/pod.ts';
import { passesText } from '../../trace/recording/passes-text.ts';
import { matchesString } from '../../trace/strings.ts';
import { memo } from '../../util/memo.ts';
import { createSharing } from '../reachability/alike-callers.ts';
import { clientQuestionsOf } from '../reachability/questions-about-clients.ts';
import type { Destinations } from './destinations.ts';
import type { Statement } from './statement.ts';

/** Of some clients one of each kind that nothing in a statement, and nobody on the way to its servers, tells apart. */
export type AlikeClients = (
  clients: readonly TracePod[],
  statement: Statement,
  destinations: Destinations,
) => readonly TracePod[];

/** The same for all statements about a mesh. */
export function createAlikeClients(dataPlane: DataPlane): AlikeClients {
  const { kindOf } = createSharing<undefined>(dataPlane);
  const numbers = memo((_kind: object) => ({ number: count++ }));
  let count = 0;
  const asked = memo(clientQuestionsOf);
  const { compile } = dataPlane.lookups;
  return (clients, { from, unless }, destinations) => {
    const questions = destinations.askers.flatMap((pod) => (dataPlane.snapshotOf(pod)?.listeners ?? []).map(asked));
    if (questions.some(({ isAddressAsked }) => isAddressAsked)) return clients;
    const matchers = [...new Map(questions.flatMap((one) => [...one.matchers])).values()];
    const servers = new Set(destinations.askers.map(workloadOf));
    const principals = unless.flatMap((excuse) => excuse.principals ?? []);
    const seen = new Set<string>();
    return clients.filter((pod) => {
      const kind = servers.has(workloadOf(pod)) ? undefined : kindOf(pod);
      if (kind === undefined) return true;
      const key = podKey(pod);
      const answers = [
        ...matchers.map((matcher) => matchesString(matcher, pod.identity, compile)),
        ...principals.map((test) => passesText(test, pod.identity, compile)),
        ...from.flatMap((sender) => [sender.pods?.has(key) === true, sender.notPods.has(key)]),
      ];
      const text = `${numbers(kind).number} ${answers.map(Number).join('')}`;
      return !seen.has(text) && seen.add(text);
    });
  };
}

function workloadOf({ namespace, workloadName }: TracePod): string {
  return `${namespace}/${workloadName}`;
}
