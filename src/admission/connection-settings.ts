import type { ProxyConfigConnectionSettings } from '../api/istio.gen.ts';
import type { Path } from '../diagnostics/diagnostic.ts';
import { parseDuration } from '../util/duration.ts';
import { error, type Findings } from './finding.ts';

/** The least that a number may be, and how Istio says so. */
const limits = [
  ['listenerPerConnectionBufferLimitBytes', 0, 'non-negative'],
  ['clusterPerConnectionBufferLimitBytes', 0, 'non-negative'],
  ['httpMaxConcurrentStreams', 1, 'positive'],
  ['http2InitialStreamWindowSize', 65_535, 'at least 65535'],
  ['http2InitialConnectionWindowSize', 65_535, 'at least 65535'],
  ['listenerConnectionLimit', 1, 'positive'],
  ['globalDownstreamConnectionLimit', 1, 'positive'],
] as const;

const times = [
  'httpIdleTimeout',
  'httpMaxConnectionDuration',
  'httpDrainTimeout',
  'httpRequestTimeout',
  'httpRequestHeadersTimeout',
  'httpStreamIdleTimeout',
  'httpMaxStreamDuration',
] as const;

/** Limits of a gateway's connections; istio agent/validation.go validateConnectionSettings. */
export function* checkConnectionSettings(path: Path, settings: ProxyConfigConnectionSettings | undefined): Findings {
  if (settings === undefined) return;
  const refuse = (field: string, rule: string): ReturnType<typeof error> => {
    const message = `${snakeCase(field)} must be ${rule}`;
    return error([...path, field], message, `invalid connection settings: ${message}`);
  };
  for (const field of times) if ((parseDuration(settings[field] ?? '0s') ?? 0n) < 0n) yield refuse(field, 'non-negative');
  for (const [field, least, rule] of limits) if ((settings[field] ?? least) < least) yield refuse(field, rule);
}

function snakeCase(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
