import { changedPlane, type DataPlane, type Elsewhere } from '../../trace/data-plane.ts';
import type { ManifestConfiguration } from './configuration.ts';
import { kubernetesServices, type LocalMeshFinder } from './local-meshes.ts';

type Sides<T> = readonly [T, T];

/**
 * The data planes of two sides, each of which knows the addresses that only Services of the other have: nobody answers there. Their names
 * do not resolve, and whoever still has an address of one finds nobody at it, whatever else lies outside of what is known.
 */
export function knowingEachOther(
  sides: Sides<ManifestConfiguration>,
  planes: Sides<DataPlane>,
  meshesOf: LocalMeshFinder,
): Sides<DataPlane> {
  const [earlier, later] = [addressesOf(sides[0], meshesOf), addressesOf(sides[1], meshesOf)];
  return [knowing(planes[0], earlier, later), knowing(planes[1], later, earlier)];
}

/** Who has which addresses of a side: those of its nodes alone, and all. */
interface Addresses {
  readonly ofNodes: ReadonlyMap<string, string>;
  readonly all: ReadonlySet<string>;
}

function addressesOf(side: ManifestConfiguration, meshesOf: LocalMeshFinder): Addresses {
  const meshes = meshesOf(side).map(({ mesh }) => mesh);
  const services = meshes.flatMap(({ registry }) => registry.services);
  return {
    ofNodes: new Map(
      meshes
        .flatMap(kubernetesServices)
        .flatMap(({ address, addresses, namespace, name }) =>
          [address, ...addresses].map((ip) => [ip, `${namespace}/${name}`] as const),
        ),
    ),
    all: new Set(services.flatMap((one) => [one.address, ...one.addresses, ...one.allocatedAddresses, ...one.externalAddresses])),
  };
}

function knowing(plane: DataPlane, own: Addresses, others: Addresses): DataPlane {
  const gone = new Map([...others.ofNodes].filter(([ip]) => !own.all.has(ip)));
  if (gone.size === 0) return plane;
  const elsewhere = (ip: string): Elsewhere | undefined => {
    const owner = gone.get(ip);
    return owner === undefined ? undefined : { kind: 'service of the other side', owner };
  };
  return changedPlane(plane, (view) => ({ elsewhere: (ip) => view.elsewhere?.(ip) ?? elsewhere(ip) }));
}
