import type { TraceRequest } from '../../trace/outcome.ts';
import type { ManifestConfiguration } from './configuration.ts';
import type { Journey } from './journey.ts';
import { isOpenToAll } from './open-journeys.ts';

/** The hosts that a client's proxy knows and that have addresses of their own, beside those that journeys go to. */
export function namedElsewhere(
  group: readonly [Journey, ...Journey[]],
  sides: readonly ManifestConfiguration[],
): ReadonlySet<string> {
  const [journey] = group;
  if (isOpenToAll(journey)) return new Set();
  const names = new Set(group.flatMap(({ target }) => target.virtualHosts));
  const others = sides
    .flatMap((side) => side.snapshotOf(journey.client.key)?.routes ?? [])
    .flatMap(({ virtualHosts = [] }) => virtualHosts.filter(({ name = '' }) => !names.has(name)));
  const own = new Set(group.map(({ target }) => target.host));
  return new Set(others.flatMap(({ domains = [] }) => domains.map(withoutPort)).filter((host) => !own.has(host)));
}

function withoutPort(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '');
}

/** The host that a request is for, without a port. */
export function hostIn({ authority }: TraceRequest): string {
  return withoutPort(authority);
}
