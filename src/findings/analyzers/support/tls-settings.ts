import type { ClientTLSSettings, DestinationRule, Subset, TrafficPolicy } from '../../../api/istio.gen.ts';
import type { Path } from '../../../diagnostics/diagnostic.ts';
import { effectivePolicy } from '../../../model/traffic/traffic-policy.ts';

/** What a DestinationRule says about TLS in one place. */
export interface TlsSetting {
  readonly tls: ClientTLSSettings;
  readonly path: Path;
  /** Undefined for the destination as a whole. */
  readonly subset: Subset | undefined;
  /** Undefined for all ports. */
  readonly port: number | undefined;
}

/** All that a DestinationRule says about TLS. */
export function tlsSettingsOf({ trafficPolicy, subsets = [] }: DestinationRule): readonly TlsSetting[] {
  return [
    ...settingsOfPolicy(trafficPolicy, ['spec', 'trafficPolicy'], undefined),
    ...subsets.flatMap((subset, index) =>
      settingsOfPolicy(subset.trafficPolicy, ['spec', 'subsets', index, 'trafficPolicy'], subset),
    ),
  ];
}

function settingsOfPolicy(policy: TrafficPolicy | undefined, path: Path, subset: Subset | undefined): readonly TlsSetting[] {
  const found = (tls: ClientTLSSettings | undefined, where: Path, port?: number): readonly TlsSetting[] =>
    tls === undefined ? [] : [{ tls, path: [...where, 'tls'], subset, port }];
  return [
    ...found(policy?.tls, path),
    ...(policy?.portLevelSettings ?? []).flatMap(({ tls, port }, index) =>
      found(tls, [...path, 'portLevelSettings', index], port?.number ?? 0),
    ),
  ];
}

/** Whether some setting about TLS, DISABLE too, holds for a port, be it for a subset alone. */
export function saysTls(spec: DestinationRule, port: number): boolean {
  const subsets = ['', ...(spec.subsets ?? []).map(({ name = '' }) => name)];
  return subsets.some((subset) => effectivePolicy(spec, subset, port)?.tls !== undefined);
}
