import { type ForeignObject, wordsOfObject } from '../../resource/foreign-objects.ts';
import { textInOrder } from '../../util/json-text.ts';
import { otherEntrancesOf } from '../../workbench/other-entrances.ts';
import type { ManifestConfiguration } from './configuration.ts';
import type { Doubt } from './report.ts';

/** Doubts of what others than Istio lead in by, where it comes, goes, or says something else: that is not simulated. */
export function doubtsOfOtherEntrances([before, after]: readonly [
  ManifestConfiguration,
  ManifestConfiguration,
]): readonly Doubt[] {
  return after.inputs.flatMap((input): readonly Doubt[] => {
    const known = before.inputs.find((one) => one.cluster?.name === input.cluster?.name);
    if (known === undefined) return [];
    const was = otherEntrancesOf(known, before.mesh);
    const is = otherEntrancesOf(input, after.mesh);
    const [earlier, later] = [new Set(was.map(textOf)), new Set(is.map(textOf))];
    const differing = [...was.filter((one) => !later.has(textOf(one))), ...is.filter((one) => !earlier.has(textOf(one)))];
    const names = new Set(differing.map(wordsOfObject));
    return [...names].map((name): Doubt => {
      const isAmong = (all: readonly ForeignObject[]): boolean => all.some((one) => wordsOfObject(one) === name);
      const change = isAmong(was) ? (isAmong(is) ? 'changed' : 'removed') : 'added';
      return { from: { kind: 'anybody' }, to: name, because: 'other entrance', is: change };
    });
  });
}

/** What is said, whatever it is called; routes name the gateways that they are for. */
function textOf({ kind, group, namespace, name, annotations, body }: ForeignObject): string {
  const { 'kubectl.kubernetes.io/last-applied-configuration': _, ...told } = annotations;
  return textInOrder([group, kind, namespace, kind === 'Gateway' && name, told, body]);
}
