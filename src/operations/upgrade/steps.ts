import type { Input } from '../../input/load.ts';
import { describeBehaviour } from '../../releases/describe-behaviour.ts';
import type { Behaviours } from '../../releases/release.ts';
import type { UpgradeCause } from './report.ts';

/** One difference between two control planes, with what the manifests are when it is made alone. */
export interface UpgradeStep {
  readonly cause: UpgradeCause;
  /** The earlier side with this of the later one. */
  readonly forward: Input;
  /** The later side with this of the earlier one. */
  readonly backward: Input;
}

/** The version of proxies whose pods do not tell theirs. */
export function proxyVersionOf({ proxyVersion, release }: Input): string {
  return proxyVersion ?? release.version;
}

/**
 * What differs between two control planes, for the same manifests: each behaviour, the version of proxies, and what the release reads.
 * All that a release is stands in its record, so that nobody has to list what an upgrade brings.
 */
export function stepsBetween(before: Input, after: Input): readonly UpgradeStep[] {
  const [earlier, later] = [before.release.behaviours, after.release.behaviours];
  // The keys of the record are its declared ones.
  const names = (Object.keys(later) as (keyof Behaviours)[]).filter(
    (name) => JSON.stringify(earlier[name]) !== JSON.stringify(later[name]),
  );
  const behaviours = names.map(
    (name): UpgradeStep => ({
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
  const ofProxies: UpgradeStep = {
    cause: { kind: 'proxy-version', before: versions[0], after: versions[1] },
    forward: { ...before, proxyVersion: versions[1] },
    backward: { ...after, proxyVersion: versions[0] },
  };
  const releases = [before.release.name, after.release.name] as const;
  const ofApi: UpgradeStep = {
    cause: { kind: 'api', before: releases[0], after: releases[1] },
    forward: { ...behaving(after, earlier), proxyVersion: versions[0] },
    backward: { ...behaving(before, later), proxyVersion: versions[1] },
  };
  return [...behaviours, ...(versions[0] === versions[1] ? [] : [ofProxies]), ...(releases[0] === releases[1] ? [] : [ofApi])];
}

function behaving(input: Input, behaviours: Behaviours): Input {
  return { ...input, release: { ...input.release, behaviours } };
}
