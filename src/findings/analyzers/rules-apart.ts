import { formatField } from '../../diagnostics/format-field.ts';
import { fromAndToApart, nestedClaimByDot } from '../../diagnostics/problems/policies.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';

/** Rules of policies that read otherwise than they are: alternatives that look like one rule, one claim that looks like two. */
export const rulesApart: Analyzer = {
  name: 'mesh.authorizationpolicy.Rules',
  about: 'Rules of AuthorizationPolicies that are alternatives and look like one, and claims with a dot in their name',
  reads: ['AuthorizationPolicy'],
  codes: [fromAndToApart.code, nestedClaimByDot.code],
  run: (reader, report) => {
    for (const resource of reader.list('AuthorizationPolicy')) {
      const rules = resource.spec.rules ?? [];
      const has = (list: readonly unknown[] | undefined): boolean => (list?.length ?? 0) > 0;
      const fromOnly = rules.findIndex(({ from, to, when }) => has(from) && !has(to) && !has(when));
      const toOnly = rules.findIndex(({ from, to, when }) => has(to) && !has(from) && !has(when));
      if (fromOnly !== -1 && toOnly !== -1) {
        const path = ['spec', 'rules', fromOnly];
        report(fromAndToApart(at(resource, path), formatField(path), formatField(['spec', 'rules', toOnly])));
      }
      rules.forEach(({ when = [] }, rule) => {
        when.forEach(({ key = '' }, index) => {
          const claim = dottedClaim(key);
          if (claim === undefined) return;
          const path = ['spec', 'rules', rule, 'when', index, 'key'];
          const nested = `request.auth.claims${claim
            .split('.')
            .map((part) => `[${part}]`)
            .join('')}`;
          report(nestedClaimByDot(at(resource, path), formatField(path), claim, nested));
        });
      });
    }
  },
};

/** The claim of a key, where it has a dot and is neither a URL nor a domain, which claims are often named by. */
function dottedClaim(key: string): string | undefined {
  const [, claim] = /^request\.auth\.claims\[([\w-]+(?:\.[\w-]+)+)\]/.exec(key) ?? [];
  return claim === undefined || /\.(io|com|org|net|dev|cloud)$/.test(claim) ? undefined : claim;
}
