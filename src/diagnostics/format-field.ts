import type { Origin } from '../util/origin.ts';
import type { Path } from './diagnostic.ts';

/** A path as people and the API server write it: `spec.rules[0].to[1]`. */
export function formatField(path: Path): string {
  return path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`)).join('');
}

/** A field of a resource, for people: `spec.rules[0] of AuthorizationPolicy shop/web`. */
export function formatOrigin({ resource: { kind, namespace, name }, path }: Origin): string {
  return `${formatField(path)} of ${kind} ${namespace}/${name}`;
}
