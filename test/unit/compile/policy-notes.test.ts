import { expect, test } from 'vitest';
import { policyDiagnostic } from '../../../src/compile/policy-notes.ts';
import { securityResource } from '../../support/security-resource.ts';

const resource = securityResource('AuthorizationPolicy', 'bookinfo/viewers', {});

test.each([
  ['unknown-condition', 'MESH1301', 'warning'],
  ['unusable-value', 'MESH1301', 'warning'],
  ['foreign-trust-domain', 'MESH1301', 'warning'],
  ['bad-dry-run', 'MESH1301', 'warning'],
  ['bad-provider', 'MESH1302', 'warning'],
  ['several-providers', 'MESH1302', 'warning'],
  ['unreachable-keys', 'MESH1303', 'info'],
] as const)('%s becomes %s at the place in the policy', (kind, code, severity) => {
  expect(policyDiagnostic({ kind, resource, path: ['spec'], reason: 'because' })).toEqual({
    code,
    severity,
    message: 'because',
    resource: { kind: 'AuthorizationPolicy', name: 'viewers', namespace: 'bookinfo' },
    path: ['spec'],
    location: { file: 'policies.yaml', line: 1, column: 1 },
  });
});
