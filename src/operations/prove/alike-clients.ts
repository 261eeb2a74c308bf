import { type DataPlane, podKey } from '../../trace/data-plane.ts';
import type { TracePod } from '../../trace/pod.ts';
import { passesText } from '../../trace/recording/passes-text.ts';
import { matchesString } from '../../trace/strings.ts';
import { numbering } from '../../util/memo.ts';
import { createSharing, factsAmongClusters } from '../reachability/alike-callers.ts';
import type { IdentityQuestions } from '../reachability/identity-questions.ts';
import { isOfWorkload } from './alike.ts';
import type { Destinations } from './destinations.ts';
import type { Statement } from './statement.ts';

/** A client, for others too that are alike. */
export interface StandingClient {
  readonly pod: TracePod;
  /**
   * The same for clients that nothing can tell apart but their own proxies and who asks for their identity; undefined where something
   * may.
   */
  readonly alike: string | undefined;
  /** The first client of the kind whose proxies do the same; this one is asked for what that one calls of its own workload. */
  readonly first?: TracePod;
}

/**
 * Of some clients one of each kind that nothing in a statement, and nobody on the way to its servers, tells apart; and one of another
 * workload of the kind, if there is one.
 */
export type AlikeClients = (
  clients: readonly TracePod[],
  statement: Statement,
  destinations: Destinations,
) => readonly StandingClient[];

/** The same for all statements about a mesh. */
export function createAlikeClients(dataPlane: DataPlane, { questionsAt }: IdentityQuestions): AlikeClients {
  const { kindOf } = createSharing<undefined>(dataPlane, 'clusters');
  const factsOf = factsAmongClusters(dataPlane);
  const numbers = numbering();
  const { compile } = dataPlane.lookups;
  return (clients, { from, unless }, destinations) => {
    const questions = destinations.askers.flatMap(questionsAt);
    // Each has an address of its own, and who forwards a request writes into it whose it is.
    if (questions.some(({ isAddressAsked }) => isAddressAsked)) return clients.map((pod) => ({ pod, alike: undefined }));
    const matchers = [...new Map(questions.flatMap((one) => [...one.matchers])).values()];
    const principals = unless.flatMap((excuse) => excuse.principals ?? []);
    const seen = new Map<string, { readonly first: TracePod; hasOther: boolean }>();
    return clients.flatMap((pod): readonly StandingClient[] => {
      const kind = kindOf(pod);
      if (kind === undefined) return [{ pod, alike: undefined }];
      const key = podKey(pod);
      const answers = [
        ...principals.map((test) => passesText(test, pod.identity, compile)),
        ...from.flatMap((sender) => [sender.pods?.has(key) === true, sender.notPods.has(key)]),
      ];
      const alike = `${factsOf(pod)} ${answers.map(Number).join('')}`;
      const identity = matchers.map((matcher) => Number(matchesString(matcher, pod.identity, compile)));
      const text = `${numbers(kind)} ${identity.join('')} ${alike}`;
      const known = seen.get(text);
      if (known === undefined) {
        seen.set(text, { first: pod, hasOther: false });
        return [{ pod, alike }];
      }
      if (known.hasOther || isOfWorkload(known.first, pod)) return [];
      known.hasOther = true;
      return [{ pod, alike, first: known.first }];
    });
  };
}
