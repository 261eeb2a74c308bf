import { createEnvoyDescriptors } from '../../../envoy/descriptors.ts';
import { createEnvoyLimits } from '../../../envoy/limits.ts';
import type { XdsSnapshot } from '../../../envoy/snapshot.ts';
import { groupBy } from '../../../util/collections.ts';
import { memo } from '../../../util/memo.ts';
import type { Refused } from './blame.ts';
import { createLimitCheck } from './limits.ts';
import { outwards, type Place, placeBelow } from './place.ts';
import { type ClusterReference, referenceIn } from './references.ts';
import { type Complain, type RefusalRule, shorten } from './rule.ts';
import { rules } from './rules/index.ts';
import { TYPED_STRUCTS, troubleOfTypedStruct } from './typed-structs.ts';
import { createWalk } from './walk.ts';

const EXTENSION = 'envoy.config.core.v3.TypedExtensionConfig';

/** Something that Envoy refuses, whichever proxy gets it. */
export interface EnvoyRefusal extends Refused {
  readonly about: RefusalRule['about'];
  readonly sense: string;
  readonly fix: string;
}

/** What is to be said of a resource, whichever proxy gets it. */
export interface Inspection {
  readonly refusals: readonly EnvoyRefusal[];
  readonly references: readonly ClusterReference[];
}

/** A resource of a proxy, with its name for people. */
export interface Inspected extends Inspection {
  readonly what: string;
}

/** Looks through the resources of proxies, through those that they share once; gives those of which there is something to say. */
export function createInspector(descriptorChanges?: string): (snapshot: XdsSnapshot) => readonly Inspected[] {
  const descriptors = createEnvoyDescriptors(descriptorChanges);
  const checkLimits = createLimitCheck(descriptors, createEnvoyLimits());
  const walk = createWalk(descriptors);
  const rulesByMessage = groupBy(rules, ({ message }) => message);

  const inspect = memo((message: string, resource: object): Inspection => {
    const refusals: EnvoyRefusal[] = [];
    const references: ClusterReference[] = [];
    // There are very many messages, and hardly anything to complain of: what complains is made once, and told where it is.
    let here: Place = { parent: undefined, key: '', value: resource, message };
    const complaining =
      (about: RefusalRule['about']): Complain =>
      (path, sense, fix, ...others) =>
        void refusals.push({
          about,
          place: placeBelow(here, path),
          others: others.map((other) => placeBelow(here, other)),
          sense,
          fix,
        });
    const complain = { value: complaining('value'), text: complaining('text') };
    walk(message, resource, (name, value, place) => {
      if (message === EXTENSION && isFetchedByAgent(place)) return false;
      const count = refusals.length + references.length;
      here = place;
      checkLimits(name, value, complain.value);
      for (const rule of rulesByMessage.get(name) ?? []) rule.check(value, complain[rule.about]);
      if (TYPED_STRUCTS.includes(name)) {
        const trouble = troubleOfTypedStruct(descriptors, value, place);
        if (trouble !== undefined) complain.value([], trouble.sense, trouble.fix);
      }
      const reference = referenceIn(name, place);
      if (reference !== undefined) references.push(reference);
      return refusals.length + references.length > count;
    });
    return { refusals, references };
  });

  const silent: readonly Inspected[] = [];
  const inspectAll = <T extends object>(
    message: string,
    kind: string,
    list: readonly T[],
    nameOf: (value: T) => string | undefined,
  ): readonly Inspected[] =>
    list.flatMap((value) => {
      const found = inspect(message, value);
      if (found.refusals.length + found.references.length === 0) return silent;
      return [{ what: `${kind} ${shorten(nameOf(value) || '(without a name)')}`, ...found }];
    });
  return ({ listeners, routes, clusters, endpoints, extensionConfigs }) => [
    ...inspectAll('envoy.config.cluster.v3.Cluster', 'cluster', clusters, ({ name }) => name),
    ...inspectAll('envoy.config.endpoint.v3.ClusterLoadAssignment', 'endpoints of', endpoints, ({ clusterName }) => clusterName),
    ...inspectAll('envoy.config.listener.v3.Listener', 'listener', listeners, ({ name }) => name),
    ...inspectAll('envoy.config.route.v3.RouteConfiguration', 'route configuration', routes, ({ name }) => name),
    ...inspectAll(EXTENSION, 'extension configuration', extensionConfigs, ({ name }) => name),
  ];
}

/**
 * The agent beside a proxy fetches the code of Wasm filters, and hands Envoy a file instead. As istio
 * pkg/wasm/convert.go MaybeConvertWasmExtensionConfig.
 */
function isFetchedByAgent(place: Place): boolean {
  return [...outwards(place)].some(({ message }) => message === 'envoy.config.core.v3.RemoteDataSource');
}
