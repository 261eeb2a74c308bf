import type { Input } from '../../input/load.ts';
import { describeBehaviour } from '../../releases/describe-behaviour.ts';
import type { Behaviours } from '../../releases/release.ts';
import type { UpgradeCause } from './report.ts';

/** One difference between two control planes, with what the manifests are when it is made alone. */
export interface UpgradeStep {
  readonly cause: UpgradeCause;
  /** The earlier side with this of the later one, of all clusters. */
  readonly forward: readonly Input[];
  /** The later side with this of the earlier one. */
  readonly backward: readonly Input[];
}

/** The version of proxies whose pods do not tell theirs. */
export function proxyVersionOf({ proxyVersion, release }: Input): string {
  return proxyVersion ?? release.version;
}

/**
 * What differs between two control planes, for the same manifests: each behaviour, the version of proxies, and what the release reads.
 * All that a release is stands in its record, so that nobody has to list what an upgrade brings. Of several clusters, what the istiods of all
 * do otherwise in the same way is one step; `primaries` are the names of those that have an istiod.
 */
export function stepsBetween(
  before: readonly Input[],
  after: readonly Input[],
  primaries: readonly (string | undefined)[],
): readonly UpgradeStep[] {
  const byCause = new Map<string, { readonly cause: UpgradeCause; readonly made: Map<string | undefined, StepOfInput> }>();
  for (const earlier of before) {
    const name = earlier.cluster?.name;
    for (const step of stepsOfInput(earlier, namesakeOf(earlier, after))) {
      const id = JSON.stringify(step.cause);
      const known = byCause.get(id) ?? { cause: step.cause, made: new Map<string | undefined, StepOfInput>() };
      byCause.set(id, known);
      known.made.set(name, step);
    }
  }
  return [...byCause.values()].map(({ cause, made }) => {
    const side = (inputs: readonly Input[], direction: 'forward' | 'backward'): readonly Input[] =>
      inputs.map((input) => made.get(input.cluster?.name)?.[direction] ?? input);
    const clusters = [...made.keys()].filter((name) => name !== undefined);
    return {
      cause: primaries.every((name) => made.has(name)) ? cause : { ...cause, clusters },
      forward: side(before, 'forward'),
      backward: side(after, 'backward'),
    };
  });
}

/** The input of the same cluster on the other side. */
function namesakeOf({ cluster }: Input, inputs: readonly Input[]): Input {
  const found = inputs.find((input) => input.cluster?.name === cluster?.name);
  if (found === undefined) throw new TypeError('both sides have the same clusters');
  return found;
}

interface StepOfInput {
  readonly cause: UpgradeCause;
  readonly forward: Input;
  readonly backward: Input;
}

function stepsOfInput(before: Input, after: Input): readonly StepOfInput[] {
  const [earlier, later] = [before.release.behaviours, after.release.behaviours];
  // The keys of the record are its declared ones.
  const names = (Object.keys(later) as (keyof Behaviours)[]).filter(
    (name) => JSON.stringify(earlier[name]) !== JSON.stringify(later[name]),
  );
  const behaviours = names.map(
    (name): StepOfInput => ({
      cause: {
        kind: 'behaviour',
        name,
        before: earlier[name],
        after: later[name],
        ...describeBehaviour(name, before.release, after.release),
      },
      forward: behaving(before, { ...earlier, [name]: later[name] }),
      backward: behaving(after, { ...later, [name]: earlier[name] }),
    }),
  );
  const versions = [proxyVersionOf(before), proxyVersionOf(after)] as const;
  const ofProxies: StepOfInput = {
    cause: { kind: 'proxy-version', before: versions[0], after: versions[1] },
    forward: { ...before, proxyVersion: versions[1] },
    backward: { ...after, proxyVersion: versions[0] },
  };
  const releases = [before.release.name, after.release.name] as const;
  const ofApi: StepOfInput = {
    cause: { kind: 'api', before: releases[0], after: releases[1] },
    forward: { ...behaving(after, earlier), proxyVersion: versions[0] },
    backward: { ...behaving(before, later), proxyVersion: versions[1] },
  };
  return [...behaviours, ...(versions[0] === versions[1] ? [] : [ofProxies]), ...(releases[0] === releases[1] ? [] : [ofApi])];
}

function behaving(input: Input, behaviours: Behaviours): Input {
  return { ...input, release: { ...input.release, behaviours } };
}
