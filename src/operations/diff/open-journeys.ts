import type { OpenRequest } from '../../exploration/open-request.ts';
import { ALWAYS, allOf, anyOf, type Formula } from '../../request-space/formula.ts';
import { authorityOf } from '../../sample-requests/samples.ts';
import type { DataPlane } from '../../trace/data-plane.ts';
import { domainsOf } from '../../trace/http/virtual-hosts.ts';
import { formatHostPort } from '../../util/host-port.ts';
import { listed } from '../../util/text.ts';
import type { AskedTls } from './asked-tls.ts';
import type { ManifestConfiguration } from './configuration.ts';
import type { Journey } from './journey.ts';
import { namesTakenBy } from './opaque-targets.ts';

/** Journeys that go to one place together: all hosts of a gateway's port, one service of a workload. */
export function placeOf(journey: Journey): string {
  const { client, isClientChanged } = journey;
  return JSON.stringify([client.key, client.client.kind, destinationOf(journey), isOpenToAll(journey) && isClientChanged]);
}

/** Where a journey goes, whoever it is that goes. */
export function destinationOf(journey: Journey): string {
  const { scheme, port, ip, host, serverName } = journey.target;
  return JSON.stringify([scheme, port, ...(isOpenToAll(journey) ? [journey.client.key] : [ip, host, serverName])]);
}

/** Whether a journey is one of those to any host of a gateway's port. */
export function isOpenToAll({ client, target }: Journey): boolean {
  return client.isOutside && target.ip === undefined;
}

/** The hosts of journeys to one place, for people. */
export function placeWords(group: readonly Journey[]): string {
  return listed([...new Set(group.map(({ target: { host, port } }) => formatHostPort(host, port)))]);
}

/** All requests of journeys to one place, at an address, for hosts that are meant, and for all server names where somebody asks for these. */
export function openRequest(
  group: readonly [Journey, ...Journey[]],
  ip: string,
  within: Formula,
  askedTls: AskedTls,
): OpenRequest {
  const [{ client, target }] = group;
  const { scheme, port, serverName } = target;
  const isSecured = scheme === 'https' || scheme === 'tls';
  // Servers may tell names apart that the client's proxy does not.
  const taken = client.isOutside ? undefined : namesTakenBy(group.map((one) => one.target));
  const isAnyName = isSecured && (client.isOutside || serverName === undefined || askedTls.isAskedAnywhere());
  return {
    from: client.isOutside ? '' : client.key,
    address: { ip, port },
    scheme,
    within: taken !== undefined && isAnyName ? allOf([within, taken]) : within,
    authority: authorityOf(target),
    serverName,
    isFromAnyAddress: client.isOutside,
    isForAnyServerName: isAnyName,
  };
}

/** The hosts of requests: the one that they are for by name, those of the virtual hosts that the journeys go to; any where they go to none. */
export function withinOf(
  group: readonly Journey[],
  sides: readonly ManifestConfiguration[],
  planes: readonly DataPlane[],
): Formula {
  const [first] = group;
  if (first?.isByName === true)
    return anyOf(
      domainsOf({ name: '', virtualHosts: [{ domains: [first.target.host] }], ignorePortInHostMatching: true }).map(
        ({ formula }) => formula,
      ),
    );
  const names = new Set(group.flatMap(({ target }) => target.virtualHosts));
  if (names.size === 0 || group.some(({ target }) => target.virtualHosts.length === 0)) return ALWAYS;
  const key = first?.client.key ?? '';
  return anyOf(
    sides.flatMap((side, at) =>
      (side.snapshotOf(key)?.routes ?? []).flatMap((routes) =>
        (planes[at]?.lookups.domains(routes) ?? []).flatMap(({ virtualHost, formula }) =>
          names.has(virtualHost.name ?? '') ? [formula] : [],
        ),
      ),
    ),
  );
}
