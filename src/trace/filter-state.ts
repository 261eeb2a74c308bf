import type { FilterStateValue } from '../envoy/api.gen.ts';
import { type FormatValue, formatText } from './http/header-mutations.ts';

/** Notes what a set_filter_state filter is told to, as far as what comes after the proxy is to see it. */
export function noteValues(values: readonly FilterStateValue[], shares: Map<string, string>, format: FormatValue): void {
  for (const { objectKey = '', formatString, sharedWithUpstream = 'NONE' } of values) {
    if (sharedWithUpstream === 'NONE') continue;
    const { textFormatSource } = formatString ?? {};
    shares.set(objectKey, formatText(textFormatSource?.inlineString ?? '', format));
  }
}
