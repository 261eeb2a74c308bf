import type { FilterStateValue } from '../envoy/api.gen.ts';
import { type FormatValue, formatText, LONGEST_HEADER } from './http/header-mutations.ts';
import { LONG_TEXT } from './recording/parts.ts';
import type { Recorder } from './recording/recorder.ts';
import type { Fact } from './step.ts';

/** Who hears that a text is cut. */
interface CutListener {
  readonly name: string;
  readonly recorder: Recorder | undefined;
  step(fact: Fact, cause?: unknown): void;
}

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
export function boundedText(text: string, format: FormatValue, { name, recorder, step }: CutListener, cause: unknown): string {
  const made = formatText(text, format, '-', LONGEST_HEADER);
  if (made.length === LONGEST_HEADER) {
    recorder?.assume({ kind: 'untraceable', what: LONG_TEXT, test: name });
    step({ kind: 'note', name, event: 'text cut' }, cause);
  }
  return made;
}
