import { allProblems } from '../../diagnostics/problems/index.ts';
import { usageError } from '../../diagnostics/user-error.ts';
import { printedLines, printedText } from '../../output/escape/plain.ts';
import { documentationUrl } from '../../output/findings/describe.ts';
import { defaultRelease } from '../../releases/index.ts';
import { nearestNames } from '../../util/nearest.ts';
import { own } from '../../util/object.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';

/** Prints what a code means, an example, and what to do; without a code, the list of all. */
export function explain(code: string | undefined, io: Io): number {
  const known = allProblems();
  if (code === undefined) {
    io.out(printedLines(known.map(({ code: one, severity, about }) => `${one}  ${severity.padEnd(7)}  ${about}`)));
    return EXIT.fine;
  }
  const found = known.find((one) => one.code === code.toUpperCase());
  if (found === undefined) {
    const codes = known.map((one) => one.code);
    const nearest = nearestNames(code.toUpperCase(), codes);
    throw usageError(`there is no code ${code}${nearest.length === 0 ? '' : ` (did you mean ${nearest.join(' or ')}?)`}`);
  }
  const { name, fix, example, cause } = found;
  const retired = own(defaultRelease.retiredCodes, found.code);
  const url = documentationUrl(found.code, defaultRelease.docsUrl);
  const parts = [
    `${found.code} (${found.severity}), ${name}`,
    found.about,
    ...(retired === undefined ? [] : [`mesh never reports it: ${retired}.`]),
    ...(cause === undefined ? [] : [`What brings it about:\n${indent(cause)}`]),
    ...(example === undefined ? [] : [`An example that brings it about:\n${indent(example)}`]),
    `What to do:\n${indent(fix)}`,
    ...(url === undefined ? [] : [`See also: ${url}`]),
  ];
  io.out(printedText(`${parts.join('\n\n')}\n`));
  return EXIT.fine;
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`.trimEnd())
    .join('\n');
}
