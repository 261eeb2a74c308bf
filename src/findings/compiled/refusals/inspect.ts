import type { CompiledSnapshot } from '../../../compile/compiled-snapshot.ts';
import { createEnvoyDescriptors } from '../../../envoy/descriptors.ts';
import { createEnvoyLimits } from '../../../envoy/limits.ts';
import type { Mesh } from '../../../model/mesh.ts';
import { groupBy } from '../../../util/collections.ts';
import { memo } from '../../../util/memo.ts';
import type { Refused } from './blame.ts';
import type { EndpointChoice } from './endpoints.ts';
import { createLimitChecks } from './limits.ts';
import { outwards, type Place, placeBelow } from './place.ts';
import { type ClusterReference, hasReference, referenceIn } from './references.ts';
import { type Complain, type RefusalRule, shorten } from './rule.ts';
import { rules } from './rules/index.ts';
import { TYPED_STRUCTS, troubleOfTypedStruct } from './typed-structs.ts';
import { createWalk, type MessageVisitor } from './walk.ts';

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

/** Of nearly all resources nothing is to be said. */
const silent: Inspection = { refusals: [], references: [] };

/** A resource of a proxy, with its name for people. */
export interface Inspected extends Inspection {
  readonly what: string;
}

/** Looks through the resources of a proxy, of its endpoints through those that are chosen. */
export type Inspector = (snapshot: CompiledSnapshot, endpointsToSee: EndpointChoice) => readonly Inspected[];

/** Looks through the resources of proxies, through those that they share once; gives those of which there is something to say. */
export function createInspector({ release }: Pick<Mesh, 'release'>): Inspector {
  const descriptors = createEnvoyDescriptors(release.envoyDescriptorChanges);
  const limitsOf = createLimitChecks(descriptors, createEnvoyLimits());
  const rulesByMessage = groupBy(rules, ({ message }) => message);

  // There are very many messages, and hardly anything to complain of: what complains is made once, and told where it is.
  let refusals: EnvoyRefusal[] = [];
  let references: ClusterReference[] = [];
  let isExtension = false;
  let here: Place = { parent: undefined, key: '', value: undefined, message: undefined };
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
  const visitorOf = (name: string): MessageVisitor | undefined => {
    const checkLimits = limitsOf(name);
    const rulesOfMessage = rulesByMessage.get(name) ?? [];
    const isTypedStruct = TYPED_STRUCTS.includes(name);
    const isReference = hasReference(name);
    if (checkLimits === undefined && rulesOfMessage.length === 0 && !isTypedStruct && !isReference) return undefined;
    return (value, place) => {
      if (isExtension && isFetchedByAgent(place)) return false;
      const count = refusals.length + references.length;
      here = place;
      checkLimits?.(value, complain.value);
      for (const rule of rulesOfMessage) rule.check(value, complain[rule.about]);
      if (isTypedStruct) {
        const trouble = troubleOfTypedStruct(descriptors, value, place);
        if (trouble !== undefined) complain.value([], trouble.sense, trouble.fix);
      }
      const reference = isReference ? referenceIn(name, place) : undefined;
      if (reference !== undefined) references.push(reference);
      return refusals.length + references.length > count;
    };
  };
  const walk = createWalk(descriptors, visitorOf);

  const inspect = memo((message: string, resource: object): Inspection => {
    [refusals, references, isExtension] = [[], [], message === EXTENSION];
    walk(message, resource);
    return refusals.length + references.length === 0 ? silent : { refusals, references };
  });

  const inspectAll = <T extends object>(
    message: string,
    kind: string,
    list: readonly T[],
    nameOf: (value: T) => string | undefined,
  ): readonly Inspected[] =>
    list.flatMap((value) => {
      const found = inspect(message, value);
      return found === silent ? [] : [{ what: `${kind} ${shorten(nameOf(value) || '(without a name)')}`, ...found }];
    });
  return (snapshot, endpointsToSee) => {
    const { listeners, routes, clusters, extensionConfigs } = snapshot;
    return [
      ...inspectAll('envoy.config.cluster.v3.Cluster', 'cluster', clusters, ({ name }) => name),
      ...inspectAll(
        'envoy.config.endpoint.v3.ClusterLoadAssignment',
        'endpoints of',
        endpointsToSee(snapshot),
        ({ clusterName }) => clusterName,
      ),
      ...inspectAll('envoy.config.listener.v3.Listener', 'listener', listeners, ({ name }) => name),
      ...inspectAll('envoy.config.route.v3.RouteConfiguration', 'route configuration', routes, ({ name }) => name),
      ...inspectAll(EXTENSION, 'extension configuration', extensionConfigs, ({ name }) => name),
    ];
  };
}

/**
 * The agent beside a proxy fetches the code of Wasm filters, and hands Envoy a file instead. As istio
 * pkg/wasm/convert.go MaybeConvertWasmExtensionConfig.
 */
function isFetchedByAgent(place: Place): boolean {
  return [...outwards(place)].some(({ message }) => message === 'envoy.config.core.v3.RemoteDataSource');
}
