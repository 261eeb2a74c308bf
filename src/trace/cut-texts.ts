import { LONG_HEADER, LONG_TEXT } from './recording/parts.ts';
import type { Recorder } from './recording/recorder.ts';
import type { Fact } from './step.ts';

/** Who hears that a text is cut. */
export interface CutListener {
  /** Of what the text is, or what makes it. */
  readonly name: string;
  readonly recorder: Recorder | undefined;
  step(fact: Fact, cause?: unknown): void;
}

/** That formats make a header, or a text that is noted for others, longer than is followed. */
export function tellCut({ name, recorder, step }: CutListener, part: 'header' | 'text', cause: unknown): void {
  recorder?.assume({ kind: 'untraceable', what: part === 'header' ? LONG_HEADER : LONG_TEXT, test: name });
  step({ kind: 'note', name, event: part === 'header' ? 'header cut' : 'text cut' }, cause);
}
