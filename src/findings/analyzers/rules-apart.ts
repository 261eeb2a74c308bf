import { isClaimHeader } from '../../admission/headers.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { fromAndToApart, nestedClaimByDot } from '../../diagnostics/problems/policies.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';

/** Rules of policies that read otherwise than they are: alternatives that look like one rule, one claim that looks like two. */
export const rulesApart: Analyzer = {
  name: 'mesh.authorizationpolicy.Rules',
  about: 'Rules of AuthorizationPolicies that are alternatives and look like one, and claims with a dot in their name',
  reads: ['AuthorizationPolicy', 'VirtualService'],
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
          report(nestedClaimByDot(at(resource, path), formatField(path), claim, nestedKey(claim)));
        });
      });
    }
    for (const resource of reader.list('VirtualService')) {
      (resource.spec.http ?? []).forEach(({ match = [] }, rule) => {
        match.forEach((condition, index) => {
          for (const member of ['headers', 'withoutHeaders'] as const) {
            for (const header of Object.keys(condition[member] ?? {})) {
              const claim = isClaimHeader(header) ? dottedClaim(header.slice(1)) : undefined;
              if (claim === undefined) continue;
              const path = ['spec', 'http', rule, 'match', index, member, header];
              report(nestedClaimByDot(at(resource, path), formatField(path), claim, `@${nestedKey(claim)}`));
            }
          }
        });
      });
    }
  },
};

/** The key of a claim within a claim; header names of VirtualServices write it the same, as istio pkg/jwt ToRoutingClaim reads them. */
function nestedKey(claim: string): string {
  return `request.auth.claims${claim
    .split('.')
    .map((part) => `[${part}]`)
    .join('')}`;
}

/** The claim of a key, where it has a dot and is neither a URL nor a domain, which claims are often named by. */
function dottedClaim(key: string): string | undefined {
  const [, claim] = /^request\.auth\.claims\[([\w-]+(?:\.[\w-]+)+)\]/i.exec(key) ?? [];
  return claim === undefined || /\.(io|com|org|net|dev|cloud)$/.test(claim) ? undefined : claim;
}
