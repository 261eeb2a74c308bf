import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import { allProblems } from '../../../src/diagnostics/problems/index.ts';
import { noPaint } from '../../../src/output/diagnostics.ts';
import { type FindingFormat, findingFormats } from '../../../src/output/findings/formats.ts';
import { formatNames } from '../../../src/output/format-table.ts';
import { createRepository } from '../../../src/output/repository.ts';

const text = 'apiVersion: v1\nkind: Service\nmetadata: {name: cart}\n';
const findings: readonly Diagnostic[] = [
  {
    code: 'IST0101',
    severity: 'error',
    message: 'Referenced host not found: "a<b"',
    resource: { kind: 'VirtualService', namespace: 'shop', name: 'cart' },
    location: { file: 'm/a.yaml', line: 2, column: 7, endLine: 2, endColumn: 14 },
    reference: 'm/a.yaml:1',
  },
  {
    code: 'MESH0012',
    severity: 'warning',
    message: 'two\nlines, 100%',
    location: { file: 'm/a.yaml', line: 3, column: 1 },
    related: [{ message: 'first here', location: { file: 'm/b.yaml', line: 9, column: 1 } }],
  },
  { code: 'IST0102', severity: 'info', message: 'a | b', resource: { kind: 'Namespace', namespace: '', name: 'shop' } },
];

const printers = new Map(
  await Promise.all(formatNames(findingFormats).map(async (name) => [name, await findingFormats[name]()] as const)),
);

function print(format: FindingFormat, list: readonly Diagnostic[] = findings): string {
  return printers.get(format)?.(list, {
    texts: new Map([['m/a.yaml', text]]),
    paint: noPaint,
    version: '1.0.0',
    fullVersion: 'mesh 1.0.0 (Istio 1.30.3)',
    repository: createRepository('/repository', '/repository/deploy', (file) => file.replace(/^\/link\//, '/repository/')),
    docsUrl: 'https://istio.io/v1.30/docs/',
  }) as string;
}

describe('findings', () => {
  test('as text: by file, with the place underlined', () => {
    expect(print('text')).toBe(`  info [IST0102] Namespace shop: a | b

m/a.yaml
  m/a.yaml:2:7: error [IST0101] VirtualService shop/cart: Referenced host not found: "a<b"
    2 | kind: Service
      |       ^^^^^^^
  m/a.yaml:3:1: warning [MESH0012] two\\nlines, 100%
    3 | metadata: {name: cart}
      | ^
      first here: m/b.yaml:9

1 error, 1 warning, 1 hint
`);
    expect(print('text', [])).toBe('');
  });

  test('as log: the lines of istioctl', () => {
    expect(print('log', findings.slice(0, 1))).toBe(
      'Error [IST0101] (VirtualService shop/cart m/a.yaml:1) Referenced host not found: "a<b"\n',
    );
  });

  test('as JSON: the fields of istioctl in its order', () => {
    expect(print('json', findings.slice(0, 1))).toBe(`[
	{
		"code": "IST0101",
		"documentationUrl": "https://istio.io/v1.30/docs/reference/config/analysis/ist0101/?ref=istioctl-analyze",
		"level": "Error",
		"message": "Referenced host not found: \\"a<b\\"",
		"origin": "VirtualService shop/cart",
		"reference": "m/a.yaml:1"
	}
]
`);
    expect(print('json', [])).toBe('[]\n');
  });

  test('as YAML', () => {
    expect(print('yaml', findings.slice(0, 1))).toContain('- code: IST0101\n  documentationUrl: https://istio.io/');
  });

  test('as SARIF that is valid by its schema', () => {
    // Draft 4 of JSON Schema; what it uses of it means the same in later drafts, but for its own name.
    const {
      $schema: _,
      id: __,
      ...schema
    } = JSON.parse(readFileSync(join(import.meta.dirname, '../../support/sarif/sarif-schema-2.1.0.json'), 'utf8'));
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
    for (const list of [findings, []]) {
      const log = JSON.parse(print('sarif', list));
      expect([validate(log), validate.errors]).toEqual([true, null]);
      expect(log.runs[0].results).toHaveLength(list.length);
    }
    const { results, tool } = JSON.parse(print('sarif')).runs[0];
    expect(tool.driver.rules.map(({ id }: { readonly id: string }) => id)).toEqual(['IST0101', 'IST0102', 'MESH0012']);
    expect(tool.driver.rules[0]).toEqual({
      id: 'IST0101',
      name: 'referenced-resource-not-found',
      shortDescription: { text: expect.stringContaining('A resource refers to another one') },
      fullDescription: { text: expect.stringContaining('A resource refers to another one') },
      help: { text: expect.stringContaining('What to do:'), markdown: expect.stringContaining('```yaml\n') },
      helpUri: expect.stringMatching(/^https:.*ist0101/),
      defaultConfiguration: { level: 'error' },
    });
    expect(tool.driver.rules[2]).not.toHaveProperty('helpUri');
    expect(results[0].locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: 'deploy/m/a.yaml', uriBaseId: '%SRCROOT%' },
      region: { startLine: 2, startColumn: 7, endLine: 2, endColumn: 14 },
    });
    expect(results.map(({ level }: { readonly level: string }) => level)).toEqual(['error', 'warning', 'note']);
  });

  describe('for tools that know the repository', () => {
    const at = (file: string): Diagnostic => ({ code: 'IST0101', severity: 'error', message: 'x', location: place(file) });
    const place = (file: string) => ({ file, line: 2, column: 1 });
    const sarifOf = (list: readonly Diagnostic[]) => JSON.parse(print('sarif', list)).runs[0];

    test.each([
      ['m/a.yaml', 'deploy/m/a.yaml'],
      ['./m/a.yaml', 'deploy/m/a.yaml'],
      ['../b #1.yaml', 'b%20%231.yaml'],
      ['/repository/deploy/a.yaml', 'deploy/a.yaml'],
      ['/link/deploy/a.yaml', 'deploy/a.yaml'],
    ])('%s is %s from its root', (file, path) => {
      const [result] = sarifOf([at(file)]).results;
      expect(result.locations[0].physicalLocation.artifactLocation).toEqual({ uri: path, uriBaseId: '%SRCROOT%' });
      expect(print('github', [at(file)])).toContain(`file=${decodeURIComponent(path)},`);
    });

    test('what lies outside of it has an address of its own', () => {
      const [result] = sarifOf([at('../../other/a.yaml')]).results;
      expect(result.locations[0].physicalLocation.artifactLocation).toEqual({ uri: 'file:///other/a.yaml' });
      expect(print('github', [at('../../other/a.yaml')])).toContain('file=/other/a.yaml,');
    });

    test('SARIF says where the root is and which version it comes from', () => {
      const { originalUriBaseIds, tool } = sarifOf(findings);
      expect(originalUriBaseIds).toEqual({ '%SRCROOT%': { uri: 'file:///repository/' } });
      expect(tool.driver).toMatchObject({ name: 'mesh', version: '1.0.0', semanticVersion: '1.0.0' });
    });

    test('a finding keeps its fingerprint when lines move, and shares it with none', () => {
      const fingerprints = (list: readonly Diagnostic[]): readonly string[] =>
        sarifOf(list).results.map(({ partialFingerprints }: { partialFingerprints: object }) =>
          JSON.stringify(partialFingerprints),
        );
      const moved = (by: number): readonly Diagnostic[] =>
        [...findings, ...findings].map((finding) => ({
          ...finding,
          message: `${finding.message}, first at m/a.yaml:${by}`,
          ...(finding.location && { location: { ...finding.location, line: finding.location.line + by } }),
        }));
      expect(fingerprints(moved(7))).toEqual(fingerprints(moved(0)));
      expect(new Set(fingerprints(moved(0))).size).toBe(6);
    });
  });

  test('as JUnit: a failure for each error and warning', () => {
    expect(print('junit')).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="mesh analyze" tests="3" failures="2" errors="0">
  <testsuite name="m/a.yaml" tests="2" failures="2" errors="0">
    <testcase name="IST0101 VirtualService shop/cart" classname="m/a.yaml" file="m/a.yaml" line="2">
      <failure type="Error" message="Referenced host not found: &quot;a&lt;b&quot;">m/a.yaml:1: Error: Referenced host not found: &quot;a&lt;b&quot;</failure>
    </testcase>
    <testcase name="MESH0012" classname="m/a.yaml" file="m/a.yaml" line="3">
      <failure type="Warning" message="two&#10;lines, 100%">m/a.yaml:3: Warning: two&#10;lines, 100%</failure>
    </testcase>
  </testsuite>
  <testsuite name="mesh analyze" tests="1" failures="0" errors="0">
    <testcase name="IST0102 Namespace shop" classname="mesh analyze">
      <system-out>Info: a | b</system-out>
    </testcase>
  </testsuite>
</testsuites>
`);
    expect(print('junit', [])).toContain('<testcase name="no problems" classname="mesh analyze"/>');
  });

  test('as commands for GitHub', () => {
    expect(
      print('github'),
    ).toBe(`::error file=deploy/m/a.yaml,line=2,col=7,endLine=2,title=IST0101 VirtualService shop/cart::Referenced host not found: "a<b"
::warning file=deploy/m/a.yaml,line=3,col=1,title=MESH0012::two%0Alines, 100%25
::notice title=IST0102 Namespace shop::a | b
`);
  });

  test('as Markdown: a table', () => {
    expect(print('markdown')).toContain('| Warning | MESH0012 |  | m/a.yaml:3 | two lines, 100% |');
    expect(print('markdown')).toContain(
      '| Info | [IST0102](https://istio.io/v1.30/docs/reference/config/analysis/ist0102/) | Namespace shop |  | a \\| b |',
    );
    expect(print('markdown', [])).toContain('No problems found.');
  });
});

test('every code is a rule of SARIF with a short description of one sentence', () => {
  const all = allProblems().map(({ code }): Diagnostic => ({ code, severity: 'info', message: 'x' }));
  const { rules } = JSON.parse(print('sarif', all)).runs[0].tool.driver;
  const poor = rules.filter(
    ({
      shortDescription,
      help,
    }: {
      readonly shortDescription: { readonly text: string };
      readonly help: { readonly text: string };
    }) => !/^[^.]+\b.*\.$/.test(shortDescription.text) || help.text === '',
  );
  expect(poor).toEqual([]);
});
