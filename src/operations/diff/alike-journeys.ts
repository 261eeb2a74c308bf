import { type DataPlane, podNamed } from '../../trace/data-plane.ts';
import type { TracePod } from '../../trace/pod.ts';
import { memo, numbering } from '../../util/memo.ts';
import { createSharing, type ProxyKinds } from '../reachability/alike-callers.ts';
import { createIdentityQuestions, type IdentityQuestions } from '../reachability/identity-questions.ts';

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
export function createAlikeJourneys(
  planes: readonly DataPlane[],
  proxyKinds: readonly ProxyKinds[],
): (client: string) => AlikeClient {
  const sides = planes.map((plane, at) => ({
    plane,
    kindOf: createSharing<undefined>(plane, 'one cluster', proxyKinds[at]).kindOf,
    identities: createIdentityQuestions(plane),
  }));
  const numbers = numbering();

  return memo((client: string) => {
    const found = sides.map(({ plane, kindOf, identities }) => {
      const pod = podNamed(plane, client);
      return { plane, pod, kind: pod && kindOf(pod), identities };
    });
    const kinds = found.map(({ kind }) => kind && numbers(kind));
    return {
      kind: kinds.includes(undefined) ? undefined : kinds.join(),
      answersAt(pods) {
        if (pods.has(client)) return undefined;
        const answers = found.map(({ plane, pod, identities }) => pod && answersOn(plane, identities, pod, pods));
        return answers.includes(undefined) ? undefined : answers.join(' ');
      },
      isNamedIn: (text) =>
        found.some(({ pod }) => pod !== undefined && [client, pod.identity, ...pod.ips].some((sign) => text.includes(sign))),
    };
  });
}

/** What the proxies at some pods find of a client; undefined where that is its address, or it passes on what it takes. */
function answersOn(
  plane: DataPlane,
  { questionsAt, answersAt }: IdentityQuestions,
  client: TracePod,
  pods: ReadonlySet<string>,
): string | undefined {
  const answers: string[] = [];
  for (const key of [...pods].sort()) {
    const pod = podNamed(plane, key);
    if (pod === undefined) continue;
    if (pod.proxy !== 'sidecar' && pod.proxy !== 'none') return undefined;
    if (questionsAt(pod).some(({ isAddressAsked }) => isAddressAsked)) return undefined;
    answers.push(answersAt(key, client.identity));
  }
  return answers.join(' ');
}
