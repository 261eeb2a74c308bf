import { type DataPlane, podNamed } from '../../trace/data-plane.ts';
import type { Outcome } from '../../trace/outcome.ts';
import type { TracePod } from '../../trace/pod.ts';
import { matchesString } from '../../trace/strings.ts';
import { memo } from '../../util/memo.ts';
import { createSharing } from '../reachability/alike-callers.ts';
import { clientQuestionsOf } from '../reachability/questions-about-clients.ts';

/** A client as one of several whose requests nobody on their way tells apart. */
export interface AlikeClient {
  /** Equal for clients whose own proxies do the same; undefined for those of whom nobody else can stand in. */
  readonly kind: string | undefined;
  /** What the proxies at some pods may ask about it, answered; undefined where each client is one by itself for them. */
  answersAt(pods: ReadonlySet<string>): string | undefined;
  /** Whether a text tells who it is. */
  isNamedIn(text: string): boolean;
}

/** Tells clients apart by their proxies on both sides, and by what others ask about them. */
export function createAlikeJourneys(planes: readonly DataPlane[]): (client: string) => AlikeClient {
  const sides = planes.map((plane) => ({ plane, kindOf: createSharing<undefined>(plane).kindOf }));
  const numbers = memo((_kind: object) => ({ number: count++ }));
  let count = 0;
  const asked = memo(clientQuestionsOf);

  function answersOn(plane: DataPlane, client: TracePod, pods: ReadonlySet<string>): string | undefined {
    const answers: string[] = [];
    for (const key of [...pods].sort()) {
      const pod = podNamed(plane, key);
      if (pod === undefined) continue;
      if (pod.proxy !== 'sidecar' && pod.proxy !== 'none') return undefined;
      for (const { isAddressAsked, matchers } of (plane.snapshotOf(pod)?.listeners ?? []).map(asked)) {
        if (isAddressAsked) return undefined;
        for (const matcher of matchers.values())
          answers.push(matchesString(matcher, client.identity, plane.lookups.compile) ? '1' : '0');
      }
    }
    return answers.join('');
  }

  return (client) => {
    const found = sides.map(({ plane, kindOf }) => {
      const pod = podNamed(plane, client);
      return { plane, pod, kind: pod && kindOf(pod) };
    });
    const kinds = found.map(({ kind }) => kind && numbers(kind).number);
    return {
      kind: kinds.includes(undefined) ? undefined : kinds.join(),
      answersAt(pods) {
        if (pods.has(client)) return undefined;
        const answers = found.map(({ plane, pod }) => pod && answersOn(plane, pod, pods));
        return answers.includes(undefined) ? undefined : answers.join(' ');
      },
      isNamedIn: (text) =>
        found.some(({ pod }) => pod !== undefined && [client, pod.identity, ...pod.ips].some((sign) => text.includes(sign))),
    };
  };
}

/** The pods that requests get to after the proxy of their client, and those for which these stand. */
export function visitedIn(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes.flatMap(({ hops, deliveries }) => [
    ...hops.filter(({ side }) => side !== 'client' && side !== 'outbound').map(({ place }) => place),
    ...deliveries.flatMap(({ pod, kin = [] }) => [pod, ...kin]),
  ]);
}
