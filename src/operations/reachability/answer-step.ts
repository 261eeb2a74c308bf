/** No answer, which leads nowhere. */
export const NO_ANSWER: unique symbol = Symbol('no answer');

/** How far some answers have led: to the next question, to what was found, or to nothing that others can share. */
export class AnswerStep<Question, Found> {
  found: Found | undefined;
  private question: Question | undefined;
  private readonly next = new Map<unknown, AnswerStep<Question, Found>>();

  /** Where answers lead, through what is asked here and what is to be asked after it; undefined where there is no answer. */
  follow(answer: (question: Question) => unknown, further: readonly Question[] = []): AnswerStep<Question, Found> | undefined {
    // Questions can be many, so this goes on in a loop.
    let [step, place]: [AnswerStep<Question, Found>, number] = [this, 0];
    for (;;) {
      step.question ??= further[place];
      const { question } = step;
      if (question === undefined) return step;
      const told = answer(question);
      if (told === NO_ANSWER) return undefined;
      if (question === further[place]) place++;
      const known: AnswerStep<Question, Found> = step.next.get(told) ?? new AnswerStep();
      step.next.set(told, known);
      step = known;
    }
  }
}
