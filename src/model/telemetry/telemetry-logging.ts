import type { AccessLogging, AccessLoggingFilter } from '../../api/istio.gen.ts';
import { providerNames } from '../extensions/extension-providers.ts';

/** What a provider logs. */
export interface ProviderLogging {
  readonly disabled: boolean;
  /** Only requests that match are logged. */
  readonly filter: AccessLoggingFilter | undefined;
}

/** The side of a request that a proxy reports: `SERVER` for what comes in, `CLIENT` for all else. */
export type ReportingMode = 'CLIENT' | 'SERVER';

/**
 * The providers that write access logs on one side of a proxy. `levels` are the settings of one resource each, the most general
 * first; `defaults` the providers that MeshConfig names. A level that names providers replaces those above it.
 * As istio pilot/pkg/model/telemetry.go mergeLogs.
 */
export function mergeAccessLogging(
  levels: readonly (readonly AccessLogging[])[],
  defaults: readonly string[],
  mode: ReportingMode,
): ReadonlyMap<string, ProviderLogging> {
  const enabled: ProviderLogging = { disabled: false, filter: undefined };
  if (levels.length === 0) return new Map(defaults.map((name) => [name, enabled]));

  const filters = new Map<string, ProviderLogging>();
  let inScope: readonly string[] = defaults;
  for (const level of levels) {
    const named = level
      .filter((logging) => matchesMode(logging, mode))
      .flatMap(({ providers, filter }) => {
        const names = providerNames(providers);
        for (const name of names) filters.set(name, { disabled: false, filter });
        return names;
      });
    if (named.length > 0) inScope = named;
  }

  const merged = new Map<string, ProviderLogging>();
  let inherited = defaults;
  for (const logging of levels.flat()) {
    const own = providerNames(logging.providers);
    const names = own.length > 0 ? own : inherited;
    // Settings without providers are for those of the settings before them, even of those for the other side.
    inherited = names;
    if (!matchesMode(logging, mode)) continue;
    for (const name of names) {
      if (!inScope.includes(name)) continue;
      merged.set(name, logging.disabled ? { disabled: true, filter: undefined } : (filters.get(name) ?? enabled));
    }
  }
  return merged;
}

function matchesMode({ match }: AccessLogging, mode: ReportingMode): boolean {
  const wanted = match?.mode ?? 'CLIENT_AND_SERVER';
  return wanted === 'CLIENT_AND_SERVER' || wanted === mode;
}
