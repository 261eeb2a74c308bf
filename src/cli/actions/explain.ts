import { allProblems } from '../../diagnostics/problems/index.ts';
import { usageError } from '../../diagnostics/user-error.ts';
import { releaseNamed } from '../../input/release.ts';
import { explanationOf } from '../../operations/explain/explanation.ts';
import { printedLines } from '../../output/escape/plain.ts';
import { formatExplanation } from '../../output/findings/explain.ts';
import { loadReleases } from '../../releases/index.ts';
import { nearestNames } from '../../util/nearest.ts';
import { EXIT } from '../exit.ts';
import type { Io } from '../io.ts';

/** Prints what a code means, an example, and what to do, for a release of Istio; without a code, the list of all. */
export async function explain(code: string | undefined, istioVersion: string | undefined, io: Io): Promise<number> {
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
  io.out(formatExplanation(explanationOf(found, await releaseNamed(istioVersion), await loadReleases())));
  return EXIT.fine;
}
