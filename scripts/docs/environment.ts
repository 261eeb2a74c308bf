import { type Flag, flags } from '../../src/releases/environment/flags.ts';
import { switchReaders } from '../../src/releases/environment/readers.ts';
import { table } from './table.ts';

/** The variables of istiod, by what becomes of them. */
export function environmentParts(): Readonly<Record<string, string>> {
  const all = [...flags.values()];
  const isComputed = ({ name }: Flag): boolean => Object.hasOwn(switchReaders, name);
  const ofProxies = all.filter(({ effect }) => effect === 'proxies');
  return {
    'computed variables': tableOf(ofProxies.filter(isComputed)),
    'variables not computed': tableOf(ofProxies.filter((flag) => !isComputed(flag))),
    'variables of ambient': tableOf(all.filter(({ effect }) => effect === 'ambient')),
    'other variables': tableOf(all.filter(({ effect }) => effect === 'injection' || effect === 'istiod')),
  };
}

function tableOf(rows: readonly Flag[]): string {
  const sorted = [...rows].sort((a, b) => (a.name < b.name ? -1 : 1));
  return table([
    ['variable', 'default', 'about'],
    ...sorted.map(({ name, standard, about, since, until }) => {
      const releases = since ? ` (from ${since} on)` : until ? ` (up to ${until})` : '';
      return [`\`${name}\``, standard === '' ? '' : `\`${standard}\``, `${about}${releases}`];
    }),
  ]);
}
