import { compareText } from '../../util/text.ts';
import type { Service } from './service.ts';

/**
 * The services with the ExternalName services that lead to them as aliases, through any number of steps; loops lead nowhere.
 * As istio pilot/pkg/model/push_context.go resolveServiceAliases.
 */
export function resolveAliases(services: readonly Service[]): readonly Service[] {
  const aliases = services.filter(({ resolution }) => resolution === 'alias');
  if (aliases.length === 0) return services;
  const targetOf = new Map(aliases.map(({ hostname, externalName }) => [hostname, externalName]));
  const byTarget = new Map<string, Service[]>();
  for (const alias of aliases) {
    const target = finalTarget(alias, targetOf);
    if (target !== undefined) byTarget.set(target, [...(byTarget.get(target) ?? []), alias]);
  }
  return services.map((service) => {
    const found = byTarget.get(service.hostname);
    if (found === undefined) return service;
    const sorted = found
      .map(({ hostname, namespace }) => ({ hostname, namespace }))
      .sort((a, b) => compareText(a.namespace, b.namespace) || compareText(a.hostname, b.hostname));
    return { ...service, aliases: sorted };
  });
}

function finalTarget(alias: Service, targetOf: ReadonlyMap<string, string>): string | undefined {
  const seen = new Set([alias.hostname, alias.externalName]);
  let target = alias.externalName;
  for (;;) {
    const next = targetOf.get(target);
    if (next === undefined) return target;
    if (seen.has(next)) return undefined;
    seen.add(next);
    target = next;
  }
}
