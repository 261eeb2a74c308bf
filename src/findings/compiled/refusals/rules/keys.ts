import type { JwtProvider } from '../../../../envoy/api.gen.ts';
import { jwksProblem } from '../../../../envoy/jwks.ts';
import { defineRule, type RefusalRule } from '../rule.ts';

/** Keys that are written down. */
export const localKeys: RefusalRule = defineRule(
  'envoy.extensions.filters.http.jwt_authn.v3.JwtProvider',
  'text',
  ({ localJwks }: JwtProvider, complain) => {
    const keys = localJwks?.inlineString ?? '';
    const problem = keys === '' ? undefined : jwksProblem(keys);
    if (problem !== undefined)
      complain(['localJwks', 'inlineString'], `has no key that Envoy can read: ${problem}`, 'write the key set of the issuer');
  },
);
