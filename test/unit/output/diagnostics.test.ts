import { expect, test } from 'vitest';
import type { Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import { formatDiagnostic, noPaint, sortDiagnostics } from '../../../src/output/diagnostics.ts';

const found: Diagnostic = {
  code: 'MESH0012',
  severity: 'error',
  message: 'unknown field "hots"',
  location: { file: 'a.yaml', line: 5, column: 3 },
  resource: { kind: 'VirtualService', name: 'web', namespace: 'shop' },
};

test('a finding is one line: place, severity, code, resource, message', () => {
  expect(formatDiagnostic(found)).toBe('a.yaml:5:3: error [MESH0012] VirtualService shop/web: unknown field "hots"');
  const { location: _, resource: __, ...bare } = found;
  expect(formatDiagnostic(bare)).toBe('error [MESH0012] unknown field "hots"');
  expect(formatDiagnostic({ ...found, resource: { kind: 'Node', name: 'n1', namespace: '' } })).toContain(' Node n1: ');
});

test('place and severity can be painted', () => {
  const paint = { ...noPaint, error: (text: string) => `<${text}>`, strong: (text: string) => `*${text}*` };
  expect(formatDiagnostic(found, paint)).toMatch(/^\*a\.yaml:5:3\*: <error> /);
});

test('findings are sorted by place, those without one first', () => {
  const at = (file: string, line: number, column: number): Diagnostic => ({ ...found, location: { file, line, column } });
  const { location: _, ...nowhere } = found;
  const sorted = [nowhere, at('a', 1, 2), at('a', 1, 9), at('a', 12, 1), at('b', 1, 1)];
  expect(sortDiagnostics(sorted.toReversed())).toEqual(sorted);
});
