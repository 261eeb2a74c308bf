import { flags } from '../../src/releases/environment/flags.ts';
import { releaseNames } from '../../src/releases/index.ts';
import { nastyText } from './dictionary.ts';
import type { Random } from './random.ts';

/** Flags that say where the manifests are: under which release of Istio, and which environment of istiod. Mostly none. */
export function chooseSurroundings(random: Random): readonly string[] {
  const version = random.chance(0.2) ? ['--istio-version', random.pick(releaseNames)] : [];
  const count = random.chance(0.2) ? 1 + random.below(3) : 0;
  return [...version, ...Array.from({ length: count }, () => ['--istiod-env', chooseVariable(random)]).flat()];
}

/** A variable of istiod's environment with a value, rather one that it takes. */
export function chooseVariable(random: Random): string {
  const { name, kind, standard, choices = [] } = random.pick([...flags.values()].filter(({ effect }) => effect === 'proxies'));
  const other =
    kind === 'boolean' ? String(standard !== 'true') : random.pick([standard, ...choices.map(({ value }) => value), '1', '0']);
  return `${name}=${random.chance(0.9) ? other : nastyText(random)}`;
}
