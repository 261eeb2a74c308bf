import type { MetricSelector, MetricSelectorIstioMetric, Metrics } from '../../api/istio.gen.ts';
import { compareText } from '../../util/text.ts';
import { providerNames } from '../extensions/extension-providers.ts';
import type { ReportingMode } from './telemetry-logging.ts';

/** How one metric differs from what it is by default. */
export interface MetricOverride {
  /** A metric of Istio as the Telemetry API names it (`REQUEST_COUNT`), or the name of another. */
  readonly name: string;
  readonly disabled: boolean;
  /** Tags in order of their names; a tag without value is removed. */
  readonly tags: readonly { readonly name: string; readonly value: string | undefined }[];
}

/** The metrics that a provider gets on one side. */
export interface ModeMetrics {
  /** No metrics at all. */
  readonly disabled: boolean;
  /** In order of their names. */
  readonly overrides: readonly MetricOverride[];
}

/** The metrics that a provider gets. */
export interface ProviderMetrics {
  readonly byMode: Readonly<Record<ReportingMode, ModeMetrics>>;
  readonly reportingInterval: string | undefined;
}

const modes: readonly ReportingMode[] = ['CLIENT', 'SERVER'];

const allMetrics: readonly Exclude<MetricSelectorIstioMetric, 'ALL_METRICS'>[] = [
  'GRPC_REQUEST_MESSAGES',
  'GRPC_RESPONSE_MESSAGES',
  'REQUEST_COUNT',
  'REQUEST_DURATION',
  'REQUEST_SIZE',
  'RESPONSE_SIZE',
  'TCP_CLOSED_CONNECTIONS',
  'TCP_OPENED_CONNECTIONS',
  'TCP_RECEIVED_BYTES',
  'TCP_SENT_BYTES',
];

/** A provider's metrics while settings are laid over each other. */
interface Merging {
  readonly metrics: Readonly<
    Record<ReportingMode, Map<string, { disabled: boolean | undefined; tags: Map<string, string | undefined> }>>
  >;
  /** Sides on which everything is off. */
  readonly off: Set<ReportingMode>;
  reportingInterval: string | undefined;
}

/**
 * The metrics of each provider, settings in order from the most general; `defaults` are the providers that MeshConfig names. The
 * last settings that name providers replace all others.
 * As istio pilot/pkg/model/telemetry.go mergeMetrics.
 */
export function mergeMetrics(settings: readonly Metrics[], defaults: readonly string[]): ReadonlyMap<string, ProviderMetrics> {
  const inScope = settings.map(({ providers }) => providerNames(providers)).findLast((names) => names.length > 0) ?? defaults;
  const merging = new Map<string, Merging>();
  if (settings.length === 0) for (const name of defaults) merging.set(name, start());

  let inherited = defaults;
  for (const setting of settings) {
    const own = providerNames(setting.providers);
    const names = own.length > 0 ? own : inherited;
    inherited = names;
    for (const name of names) {
      if (!inScope.includes(name)) continue;
      const provider = merging.get(name) ?? start();
      merging.set(name, provider);
      apply(setting, provider);
    }
  }
  return new Map([...merging].map(([name, provider]) => [name, finish(provider)]));
}

function start(): Merging {
  return { metrics: { CLIENT: new Map(), SERVER: new Map() }, off: new Set(), reportingInterval: undefined };
}

function apply(setting: Metrics, provider: Merging): void {
  provider.reportingInterval = setting.reportingInterval ?? provider.reportingInterval;
  for (const { match, disabled, tagOverrides } of setting.overrides ?? []) {
    const sides = match?.mode === 'CLIENT' || match?.mode === 'SERVER' ? [match.mode] : modes;
    const selected = metricsOf(match);
    for (const mode of sides) {
      if (selected === allMetrics && disabled === true) {
        provider.off.add(mode);
        continue;
      }
      // Whatever is said of a single metric puts the rest back too.
      provider.off.delete(mode);
      for (const metric of selected) {
        const override = provider.metrics[mode].get(metric) ?? { disabled: undefined, tags: new Map() };
        override.disabled = disabled ?? override.disabled;
        for (const [tag, { operation, value = '' }] of Object.entries(tagOverrides ?? {})) {
          override.tags.set(tag, operation === 'REMOVE' ? undefined : value);
        }
        provider.metrics[mode].set(metric, override);
      }
    }
  }
}

function metricsOf(match: MetricSelector | undefined): readonly string[] {
  if (match?.customMetric !== undefined) return [match.customMetric];
  return match?.metric === undefined || match.metric === 'ALL_METRICS' ? allMetrics : [match.metric];
}

function finish({ metrics, off, reportingInterval }: Merging): ProviderMetrics {
  const side = (mode: ReportingMode): ModeMetrics => {
    if (off.has(mode)) return { disabled: true, overrides: [] };
    const overrides = [...metrics[mode]].map(([name, { disabled = false, tags }]) => ({
      name,
      disabled,
      tags: [...tags].map(([tag, value]) => ({ name: tag, value })).sort((a, b) => compareText(a.name, b.name)),
    }));
    return { disabled: false, overrides: overrides.sort((a, b) => compareText(a.name, b.name)) };
  };
  return { byMode: { CLIENT: side('CLIENT'), SERVER: side('SERVER') }, reportingInterval };
}
