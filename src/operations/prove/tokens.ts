import type { TraceRequest } from '../../trace/outcome.ts';
import { passesText } from '../../trace/recording/passes-text.ts';
import { isObject, own } from '../../util/object.ts';
import type { ExpressionCompiler } from '../../util/re2.ts';
import type { TokenDemand } from './statement.ts';

/** Whether a request carries a valid token as a statement demands it. */
export function carriesToken(
  { trustedTokens = [], target, headers }: TraceRequest,
  { issuers, claims }: TokenDemand,
  compile: ExpressionCompiler,
): boolean {
  return trustedTokens.some((token) => {
    if (!target.includes(token) && !headers.some(([, value]) => value.includes(token))) return false;
    const payload = claimsOf(token);
    if (!issuers.includes(String(own(payload, 'iss')))) return false;
    return claims.every(({ path, tests }) => {
      const values = valuesAt(payload, path);
      return values.some((value) => tests.some((test) => passesText(test, value, compile)));
    });
  });
}

/** What a token says; its signature is not looked at. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return isObject(claims) ? claims : {};
  } catch {
    return {};
  }
}

/** The texts of a claim. */
function valuesAt(claims: unknown, path: readonly string[]): readonly string[] {
  let value: unknown = claims;
  for (const name of path) value = isObject(value) ? own(value, name) : undefined;
  if (Array.isArray(value)) return value.filter((one) => typeof one === 'string');
  if (typeof value === 'string') return value.split(' ');
  return typeof value === 'number' || typeof value === 'boolean' ? [String(value)] : [];
}
