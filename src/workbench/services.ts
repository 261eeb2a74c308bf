import { usageError } from '../diagnostics/user-error.ts';
import { nearestMeant } from '../util/nearest.ts';

interface ServiceNames {
  readonly name: string;
  readonly namespace: string;
}

/**
 * The Service that a name on the command line stands for: `name`, `name.namespace`, `namespace/name`. Throws a UserError with the
 * nearest names where there is none.
 */
export function serviceNamedBy<T extends ServiceNames>(text: string, services: readonly T[], defaultNamespace: string): T {
  const is = (name: string, namespace: string): T | undefined =>
    services.find((service) => service.name === name && service.namespace === namespace);
  const slash = text.indexOf('/');
  const dot = text.lastIndexOf('.');
  const found =
    slash > 0
      ? is(text.slice(slash + 1), text.slice(0, slash))
      : (is(text, defaultNamespace) ?? (dot > 0 ? is(text.slice(0, dot), text.slice(dot + 1)) : undefined));
  if (found !== undefined) return found;
  const spellings = new Map(
    services.flatMap(({ name, namespace }) =>
      [name, `${name}.${namespace}`, `${namespace}/${name}`].map((spelling): [string, string] => [
        spelling,
        `${namespace}/${name}`,
      ]),
    ),
  );
  const near = nearestMeant(text, spellings, 6);
  throw usageError(`no service is named "${text}"${near.length > 0 ? `; did you mean ${near.join(', ')}?` : ''}`);
}
