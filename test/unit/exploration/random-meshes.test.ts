import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exploreRequests } from '../../../src/exploration/explore.ts';
import type { OpenRequest } from '../../../src/exploration/open-request.ts';
import { watchRules } from '../../../src/exploration/unreachable-rules.ts';
import { ALWAYS } from '../../../src/request-space/formula.ts';
import { inboundPortsOf, targetsOf } from '../../../src/sample-requests/targets.ts';
import { type DataPlane, podKey } from '../../../src/trace/data-plane.ts';
import type { TracePod } from '../../../src/trace/pod.ts';
import { unknownServers } from '../../../src/trace/servers/unknown.ts';
import { ends, tryRandom } from '../../support/exploring.ts';
import { workbenchOf } from '../../support/recorded-case.ts';

/** Meshes made by chance, where they are there; else recorded cases. A few of them in every run, all with MESH_RANDOM_MESHES=all. */
const RANDOM = resolve(import.meta.dirname, '../../../../shared/parity-random');
const FOLDER = existsSync(RANDOM) ? RANDOM : resolve(import.meta.dirname, '../../../fixtures/istiod');
const WHOLE = process.env.MESH_RANDOM_MESHES === 'all';
const NAMES = readdirSync(FOLDER)
  .filter((name) => existsSync(join(FOLDER, name, 'manifests')))
  .filter((_, index) => WHOLE || index % 40 === 7);
const MOST_PLACES = WHOLE ? 6 : 2;
const REQUESTS = Number(process.env.MESH_REQUESTS ?? (WHOLE ? 100 : 30));
const MOST_CLASSES = 600;

describe('over meshes made by chance', () => {
  test.each(NAMES)(
    'random requests end as their class does, and meet no rule that is proven to be met by none: %s',
    async (name) => {
      const bench = await workbenchOf(join(FOLDER, name));
      const dataPlane = bench.dataPlane({ servers: unknownServers, now: Date.UTC(2026, 0, 1) });
      const watch = watchRules({ isAsked: () => true, areSamePoliciesTold: true, isKnownAddress: () => true });
      for (const pod of dataPlane.pods) {
        const snapshot = dataPlane.snapshotOf(pod);
        if (snapshot !== undefined) watch.add(snapshot);
      }
      const rules = watch.unreachable();
      // Of a policy that nothing fits, a refusal is told all the same.
      const unmet = [...rules].flatMap(([key, { kind }]) => (kind === 'policy' ? [] : [key]));
      for (const open of spread(placesOf(dataPlane), MOST_PLACES)) {
        const explored = exploreRequests(open, (request, begin) => ends(dataPlane, request, begin()), MOST_CLASSES);
        if (explored.gaveUp !== undefined) continue;
        tryRandom(open, explored, dataPlane, REQUESTS, ({ met }) => {
          expect(met.filter((key) => unmet.includes(key))).toEqual([]);
        });
      }
    },
    600_000,
  );
});

/** So many of a list, from all over it. */
function spread<T>(list: readonly T[], most: number): readonly T[] {
  const step = Math.max(1, list.length / most);
  return Array.from({ length: Math.min(most, list.length) }, (_, at) => list[Math.floor(at * step)]).filter(
    (one) => one !== undefined,
  );
}

/** Places that requests go to: what proxies know, and their own ports. */
function placesOf(dataPlane: DataPlane): readonly OpenRequest[] {
  return dataPlane.pods.flatMap((pod) => {
    const snapshot = dataPlane.snapshotOf(pod);
    if (snapshot === undefined) return [];
    const [own = ''] = pod.ips;
    const isGateway = pod.proxy === 'gateway';
    const targets = [...targetsOf(snapshot).values()]
      .filter(({ scheme }) => scheme === 'http' || scheme === 'https')
      .map(({ scheme, host, ip, port, serverName }) => ({
        ...openAt(isGateway ? undefined : pod, { ip: ip ?? own, port }, host),
        scheme,
        ...(serverName !== undefined && { serverName }),
      }));
    const direct = isGateway ? [] : inboundPortsOf(snapshot).map((port) => openAt(undefined, { ip: own, port }, 'x'));
    return [...targets, ...direct];
  });
}

function openAt(
  client: TracePod | undefined,
  address: { readonly ip: string; readonly port: number },
  authority: string,
): OpenRequest {
  return {
    from: client === undefined ? '' : podKey(client),
    address,
    scheme: 'http',
    within: ALWAYS,
    authority,
    isFromAnyAddress: client === undefined,
    isForAnyServerName: false,
  };
}
