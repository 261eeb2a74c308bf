import { invariant } from './assert.ts';
import { haveSameMembers } from './collections.ts';
import { memo } from './memo.ts';

/**
 * Makes the twin of a question to a source: it answers as the source does, and the answer is noted. `name` and the arguments tell
 * questions apart.
 */
export type Noting<S> = <A extends readonly unknown[], T>(name: string, ask: (source: S, ...args: A) => T) => (...args: A) => T;

/** Makes the twin of a whole source, each question noted. */
export type Twin<S> = (noting: Noting<S>) => S;

/**
 * Remembers the results of a pure function by what it reads: its results are shared between sources that give the same answers to
 * the questions that it asks, whatever else they would answer. So nobody lists what a builder reads; it cannot read anything that is
 * not part of the key. The other arguments are compared by identity, as in `memo`.
 *
 * Questions of a remembered call are asked again, one after the other, and lead down a tree of answers to the result. That holds for
 * calls inside of calls too: the outer one notes what the inner one asks.
 */
export function sharedByReads<S, A extends readonly unknown[], R>(
  twin: Twin<S>,
  build: (source: S, ...args: A) => R,
): (source: S, ...args: A) => R {
  const start = memo((..._args: A) => new Step<S, R>());
  return (source, ...args) => {
    let step = start(...args);
    while (step.question !== undefined) step = step.after(step.question.ask(source));
    if (step.isDone) return step.result as R;

    const asked: { readonly question: Question<S>; readonly answer: unknown }[] = [];
    let isOpen = true;
    const noting: Noting<S> = (name, ask) =>
      memo((...about) => {
        invariant(isOpen, `"${name}" is asked when its answer cannot be noted any more`);
        const answer = ask(source, ...about);
        asked.push({ question: { name, about, ask: (other) => ask(other, ...about) }, answer });
        return answer;
      });
    const result = build(twin(noting), ...args);
    isOpen = false;

    step = start(...args);
    for (const { question, answer } of asked) {
      step.question ??= question;
      invariant(isSame(step.question, question), `"${question.name}" is asked where "${step.question.name}" was asked before`);
      step = step.after(answer);
    }
    step.isDone = true;
    step.result = result;
    return result;
  };
}

/** Something to ask of any source. */
interface Question<S> {
  readonly name: string;
  readonly about: readonly unknown[];
  readonly ask: (source: S) => unknown;
}

function isSame<S>(a: Question<S>, b: Question<S>): boolean {
  return a.name === b.name && haveSameMembers(a.about, b.about);
}

/** How far some answers have led: to the next question, or to the result. */
class Step<S, R> {
  question: Question<S> | undefined;
  isDone = false;
  result: R | undefined;
  private readonly next = new Map<unknown, Step<S, R>>();

  after(answer: unknown): Step<S, R> {
    let step = this.next.get(answer);
    if (step === undefined) {
      step = new Step();
      this.next.set(answer, step);
    }
    return step;
  }
}
