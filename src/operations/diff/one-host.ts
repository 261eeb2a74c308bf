import { formulasOf } from '../../exploration/explore.ts';
import { type Formula, isNever } from '../../request-space/formula.ts';
import { testsIn } from '../../request-space/variables.ts';
import { domainOfExpression } from '../../trace/http/virtual-hosts.ts';
import type { Reading } from '../../trace/recording/recorder.ts';
import { textOfValue } from '../../util/json-text.ts';

/**
 * Whether what decided about a request is the same for all hosts that are meant: of one virtual host, by the domains of it that are no
 * patterns, and nothing else asks for the host. `within` says which hosts are meant.
 */
export function isAnyHostAlike(readings: readonly Reading[], within: Formula): boolean {
  const meant = (within.kind === 'any' ? within.of : [within]).map(textOfValue);
  return readings.every((reading) => {
    if (!asksForHost(reading)) return true;
    if (reading.kind !== 'first') return false;
    const keys = reading.formulas.map(textOfValue);
    // Domains that are no patterns come first, and no two of them are for one host.
    const patterns = reading.formulas.findIndex((formula) => !isDomain(formula));
    const named = patterns < 0 ? keys : keys.slice(0, patterns);
    return meant.every((key) => {
      const place = named.indexOf(key);
      return place >= 0 && reading.places.includes(place);
    });
  });
}

/** Whether a reading tells hosts apart. */
export function asksForHost(reading: Reading): boolean {
  return testsIn(formulasOf(reading)).some(
    // Every request of HTTP/1.1 is for some host.
    (test) => test.kind === 'text' && test.dimension.kind === 'authority' && test.test.kind !== 'present',
  );
}

/** Whether a formula is for one host, with any port or with one (trace/http/virtual-hosts.ts domainFormula). */
function isDomain(formula: Formula): boolean {
  // A domain that no request is for.
  if (isNever(formula)) return true;
  if (formula.kind !== 'text' || formula.dimension.kind !== 'authority') return false;
  const { test } = formula;
  return test.kind === 'exact' || (test.kind === 'regex' && domainOfExpression(test.expression) !== undefined);
}
