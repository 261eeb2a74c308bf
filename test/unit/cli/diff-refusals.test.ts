import { describe, expect, test } from 'vitest';
import { diffOf, type Files } from '../../support/diff.ts';
import { shopOf } from '../../support/diff-shop.ts';

const shop = shopOf(['api', 'client']);

const policy = (name: string, spec: string): string => `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: ${name}, namespace: shop}
spec: {selector: {matchLabels: {app: api}}, ${spec}}
`;
const guardedBy = (...policies: readonly string[]): Files => ({ ...shop, 'policies.yaml': policies.join('') });
const denied = (...rules: readonly string[]): string => `action: DENY, rules: [${rules.join(', ')}]`;
const allowed = (...rules: readonly string[]): string => `rules: [${rules.join(', ')}]`;
const operation = (fields: string): string => `{to: [{operation: {${fields}}}]}`;

interface Rewrite {
  readonly before: Files;
  readonly after: Files;
  /** An edit that comes close, and refuses or lets in other requests. */
  readonly twin: Files;
  /** `before -> after`, where another policy refuses. */
  readonly refusers?: readonly string[];
}

const both = guardedBy(policy('paths', denied(operation('paths: [/a]'))), policy('writers', denied(operation('methods: [PUT]'))));

const rewrites: Readonly<Record<string, Rewrite>> = {
  'a DENY rule is split in two': {
    before: guardedBy(policy('guard', denied(operation('paths: [/a, /b]')))),
    after: guardedBy(policy('guard', denied(operation('paths: [/a]'), operation('paths: [/b]')))),
    twin: guardedBy(policy('guard', denied(operation('paths: [/a]'), operation('paths: [/b/]')))),
  },
  'two DENY policies become one': {
    before: both,
    after: guardedBy(policy('guard', denied(operation('paths: [/a]'), operation('methods: [PUT]')))),
    twin: guardedBy(policy('guard', denied(operation('paths: [/a], methods: [PUT]')))),
    refusers: [
      'shop/paths denies it (rule 1) -> shop/guard denies it (rule 1)',
      'shop/writers denies it (rule 1) -> shop/guard denies it (rule 2)',
    ],
  },
  'an ALLOW policy becomes a DENY policy of all else': {
    before: guardedBy(policy('guard', allowed(operation('paths: [/a]')))),
    after: guardedBy(policy('guard', denied(operation('notPaths: [/a]')))),
    twin: guardedBy(policy('guard', denied(operation('notPaths: ["/a*"]')))),
    refusers: ['no policy allows it -> shop/guard denies it (rule 1)'],
  },
  'a policy gets another name': {
    before: guardedBy(policy('guard', denied(operation('paths: [/a]')))),
    after: guardedBy(policy('watch', denied(operation('paths: [/a]')))),
    twin: guardedBy(policy('watch', allowed(operation('paths: [/a]')))),
    refusers: ['shop/guard denies it (rule 1) -> shop/watch denies it (rule 1)'],
  },
};

describe('policies that are written otherwise', () => {
  for (const [name, { before, after, twin, refusers = [] }] of Object.entries(rewrites)) {
    test(`no request ends otherwise, proven, when ${name}`, async () => {
      const { exitCode, requests, report } = await diffOf(before, after, ['--equal']);
      expect({ exitCode, requests }).toEqual({ exitCode: 0, requests: [] });
      expect((await diffOf(before, after)).requests).toEqual([]);
      const told = notesOf(report).filter((note) => note.includes('by another policy'));
      expect(told.map((note) => note.replace(/^.*: (?=\S+ denies|no policy)/, '')).sort()).toEqual([...refusers].sort());
    });

    test(`an edit that refuses others is told: nearly ${name}`, async () => {
      const { exitCode, requests } = await diffOf(before, twin, ['--equal']);
      expect(exitCode).toBe(1);
      expect(requests.join('\n')).toMatch(/status (200 -> 403|403 -> 200)/);
    });
  }

  test('a token that is refused for another reason is a difference: clients read the reason', async () => {
    const tokens = (issuer: string): Files => ({
      ...shop,
      'tokens.yaml': `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: tokens, namespace: shop}
spec: {jwtRules: [{issuer: ${issuer}, jwks: '{"keys":[]}'}]}
`,
    });
    const { requests } = await diffOf(tokens('one'), tokens('two'), ['--equal']);
    expect(requests.join('\n')).toMatch(/: policy token: Jwks remote fetch is failed -> token: Jwt issuer is not configured/);
  });
});

function notesOf({ requests }: { readonly requests: object }): readonly string[] {
  return (requests as { readonly notes: readonly string[] }).notes;
}
