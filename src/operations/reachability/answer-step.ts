/** No answer, which leads nowhere. */
export const NO_ANSWER: unique symbol = Symbol('no answer');

/** How far some answers have led: to the next question, to what was found, or to nothing that others can share. */
export class AnswerStep<Question, Found> {
  found: Found | undefined;
  private question: Question | undefined;
  private readonly next = new Map<unknown, AnswerStep<Question, Found>>();

  /** Where answers lead, through what is asked here and what is to be asked after it; undefined where there is no answer. */
  follow(answer: (question: Question) => unknown, further: readonly Question[] = []): AnswerStep<Question, Found> | undefined {
    const [next, ...others] = further;
    this.question ??= next;
    if (this.question === undefined) return this;
    const told = answer(this.question);
    if (told === NO_ANSWER) return undefined;
    const step = this.next.get(told) ?? new AnswerStep<Question, Found>();
    this.next.set(told, step);
    return step.follow(answer, this.question === next ? others : further);
  }
}
