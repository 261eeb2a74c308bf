import { formulasOf } from '../../exploration/explore.ts';
import { type Formula, isNever } from '../../request-space/formula.ts';
import { domainOfExpression } from '../../trace/http/virtual-hosts.ts';
import type { Reading } from '../../trace/recording/recorder.ts';
import { textOfValue } from '../../util/json-text.ts';
import { memo } from '../../util/memo.ts';

/**
 * Whether what decided about a request is the same for all hosts that are meant: of one virtual host, by the domains of it that are no
 * patterns, and nothing else asks for the host. `within` says which hosts are meant.
 */
export type HostJudge = (readings: readonly Reading[], within: Formula) => boolean;

/** Judges, and remembers which expressions are domains: in a large mesh each proxy has those of all hosts. */
export function createHostJudge(): HostJudge {
  const isOfDomain = memo((expression: string) => domainOfExpression(expression) !== undefined);
  /** Whether a formula is for one host, with any port or with one (trace/http/virtual-hosts.ts formulaOfDomain). */
  const isDomain = (formula: Formula): boolean => {
    // A domain that no request is for.
    if (isNever(formula)) return true;
    if (formula.kind !== 'text' || formula.dimension.kind !== 'authority') return false;
    const { test } = formula;
    return test.kind === 'exact' || (test.kind === 'regex' && isOfDomain(test.expression));
  };
  return (readings, within) => {
    const meant = (within.kind === 'any' ? within.of : [within]).map(equalTo);
    return readings.every((reading) => {
      if (!asksForHost(reading)) return true;
      if (reading.kind !== 'first') return false;
      // Domains that are no patterns come first, and no two of them are for one host.
      const patterns = reading.formulas.findIndex((formula) => !isDomain(formula));
      return meant.every((isMeant) => {
        const place = reading.formulas.findIndex(isMeant);
        return place >= 0 && (patterns < 0 || place < patterns) && reading.places.includes(place);
      });
    });
  };
}

/** Tells formulas that say the same. To write a formula takes long, and most differ in the text that they are about. */
function equalTo(formula: Formula): (other: Formula) => boolean {
  const [text, about] = [textOfValue(formula), aboutOf(formula)];
  return (other) => other === formula || (aboutOf(other) === about && textOfValue(other) === text);
}

function aboutOf(formula: Formula): string {
  if (formula.kind !== 'text') return '';
  const { test } = formula;
  if (test.kind === 'regex') return test.expression;
  return 'text' in test ? test.text : test.kind;
}

/** Whether a reading tells hosts apart. */
export function asksForHost(reading: Reading): boolean {
  const seen = new Set<Formula>();
  const asks = (formula: Formula): boolean => {
    // Every request of HTTP/1.1 is for some host.
    if (formula.kind === 'text') return formula.dimension.kind === 'authority' && formula.test.kind !== 'present';
    if (!('of' in formula) || seen.has(formula)) return false;
    seen.add(formula);
    return formula.kind === 'not' ? asks(formula.of) : formula.of.some(asks);
  };
  return formulasOf(reading).some(asks);
}
