import type { MeshConfig, MeshConfigExtensionProvider, Tracing, TracingCustomTag } from '../../api/istio.gen.ts';
import { extensionProvider, providerNames } from '../extensions/extension-providers.ts';
import type { ReportingMode } from './telemetry-logging.ts';

/** What is traced on one side of a proxy. */
export interface TracingSpec {
  /** Where spans go; nothing is traced without one. */
  readonly provider: MeshConfigExtensionProvider | undefined;
  readonly disabled: boolean;
  readonly randomSamplingPercentage: number | undefined;
  readonly customTags: Readonly<Record<string, TracingCustomTag>>;
  readonly useRequestIdForTraceSampling: boolean;
  readonly enableIstioTags: boolean;
  readonly disableContextPropagation: boolean;
}

/**
 * What the settings, in order from the most general, say for one side; undefined when neither they nor MeshConfig's default
 * providers say anything, so that MeshConfig's older settings hold. Only the first provider counts.
 * As istio pilot/pkg/model/telemetry.go Tracing.
 */
export function mergeTracing(settings: readonly Tracing[], config: MeshConfig, mode: ReportingMode): TracingSpec | undefined {
  const [defaultProvider] = config.defaultProviders?.tracing ?? [];
  if (settings.length === 0 && defaultProvider === undefined) return undefined;
  let spec: TracingSpec = {
    provider: defaultProvider === undefined ? undefined : extensionProvider(config, defaultProvider),
    disabled: false,
    randomSamplingPercentage: undefined,
    customTags: {},
    useRequestIdForTraceSampling: true,
    enableIstioTags: true,
    disableContextPropagation: false,
  };
  for (const setting of settings) {
    const wanted = setting.match?.mode ?? 'CLIENT_AND_SERVER';
    if (wanted !== 'CLIENT_AND_SERVER' && wanted !== mode) continue;
    const [name] = providerNames(setting.providers);
    spec = {
      provider: name === undefined ? spec.provider : extensionProvider(config, name),
      disabled: setting.disableSpanReporting ?? spec.disabled,
      randomSamplingPercentage: setting.randomSamplingPercentage ?? spec.randomSamplingPercentage,
      customTags: setting.customTags ?? spec.customTags,
      useRequestIdForTraceSampling: setting.useRequestIdForTraceSampling ?? spec.useRequestIdForTraceSampling,
      enableIstioTags: setting.enableIstioTags ?? spec.enableIstioTags,
      disableContextPropagation: setting.disableContextPropagation ?? spec.disableContextPropagation,
    };
  }
  return spec;
}
