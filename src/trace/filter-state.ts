import type { FilterStateValue } from '../envoy/api.gen.ts';
import { type CutListener, tellCut } from './cut-texts.ts';
import { type FormatValue, formatText, LONGEST_HEADER } from './http/header-mutations.ts';

/** Notes what a set_filter_state filter is told to, as far as what comes after the proxy is to see it. */
export function noteValues(
  values: readonly FilterStateValue[],
  shares: Map<string, string>,
  format: FormatValue,
  listener: CutListener,
): void {
  for (const value of values) {
    const { objectKey = '', formatString, sharedWithUpstream = 'NONE' } = value;
    if (sharedWithUpstream === 'NONE') continue;
    const { textFormatSource } = formatString ?? {};
    shares.set(objectKey, boundedText(textFormatSource?.inlineString ?? '', format, listener, value));
  }
}

/** What a format makes, as long as is followed: one that names others which name others doubles with each of them. */
export function boundedText(text: string, format: FormatValue, listener: CutListener, cause: unknown): string {
  const made = formatText(text, format, '-', LONGEST_HEADER);
  if (made.length === LONGEST_HEADER) tellCut(listener, 'text', cause);
  return made;
}
