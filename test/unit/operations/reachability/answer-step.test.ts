import { expect, test } from 'vitest';
import { AnswerStep, NO_ANSWER } from '../../../../src/operations/reachability/answer-step.ts';

test('any number of questions is asked one after the other', () => {
  const root = new AnswerStep<number, string>();
  const questions = Array.from({ length: 100_000 }, (_, index) => index);
  const step = root.follow((question) => question % 3, questions);
  if (step !== undefined) step.found = 'this';
  expect(root.follow((question) => question % 3)?.found).toBe('this');
});

test('who answers one otherwise comes to another place, and who has no answer to none', () => {
  const root = new AnswerStep<string, string>();
  const step = root.follow(() => 'yes', ['a', 'b']);
  if (step !== undefined) step.found = 'this';
  const other = root.follow((question) => (question === 'b' ? 'no' : 'yes'));
  expect(other).toBeDefined();
  expect(other?.found).toBeUndefined();
  expect(root.follow((question) => (question === 'b' ? NO_ANSWER : 'yes'))).toBeUndefined();
});

test('what further callers are to be asked comes after what all are asked', () => {
  const root = new AnswerStep<string, string>();
  const step = root.follow(() => 'yes', ['a']);
  const further = root.follow(() => 'yes', ['a', 'b']);
  expect(further).not.toBe(step);
  const asked: string[] = [];
  root.follow((question) => {
    asked.push(question);
    return 'yes';
  });
  expect(asked).toEqual(['a', 'b']);
});
