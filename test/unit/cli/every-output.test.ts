import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../../src/cli/main.ts';
import { parseYamlValue } from '../../../src/util/yaml.ts';
import { calls, everyOutput, type Written } from '../../support/every-output.ts';
import { createFakeIo } from '../../support/fake-io.ts';
import { ACTIVE_CHARACTERS, bareMarkdown, COMMANDS, HOSTILE_NAME } from '../../support/hostile.ts';
import { createHiddenWords, documentsWithSecrets, expectHidden } from '../../support/secrets.ts';
import { shopWith, tableWith } from '../../support/shop.ts';

describe('every command', () => {
  test('is tried in each of its formats', () => {
    const choicesOf = (command: Command): readonly string[] =>
      command.options
        .filter(({ long }) => long === '--output' || long === '--stage')
        .flatMap(({ argChoices = [] }) => argChoices);
    const wanted = createProgram(createFakeIo(), () => {}).commands.flatMap((command) => [
      command.name(),
      ...[command, ...command.commands].flatMap(choicesOf).map((choice) => `${command.name()} ${choice}`),
    ]);
    const tried = new Set(
      calls.flatMap(({ argv: [command = '', ...rest] }) => [command, ...rest.map((word) => `${command} ${word}`)]),
    );
    expect(wanted.filter((each) => !tried.has(each))).toEqual([]);
  });

  describe('given values that want to be more than that, and secrets', () => {
    const [before, after] = [createHiddenWords('A'), createHiddenWords('B')];
    const all = everyOutput(
      shopWith('plain', documentsWithSecrets(before)),
      shopWith(HOSTILE_NAME, documentsWithSecrets(after)),
      tableWith(HOSTILE_NAME),
    );
    const outputOf = async (...argv: readonly string[]): Promise<string> =>
      (await all).find((each) => argv.every((word) => each.argv.includes(word)))?.output ?? '';

    test('prints the values so that nothing acts upon them', { timeout: 240_000 }, async () => {
      for (const written of await all) expectHarmless(written);
      const shown = (await all).filter(({ output, files }) => `${output}${Object.values(files).join('')}`.includes('pwned'));
      expect(shown.length).toBeGreaterThan(40);
    });

    test('shows no value of a Secret and no private key', async () => {
      for (const { argv, output, errors, files } of await all) {
        const text = [output, errors, ...Object.values(files)].join('\n');
        for (const hidden of [before, after]) expectHidden(argv.join(' '), text, hidden);
      }
      expect(await outputOf('translate', '--stage', 'documents')).toContain('*** (');
      expect(await outputOf('translate', 'json')).toContain('-----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY-----');
      expect(await outputOf('translate', 'json')).toContain('W3JlZGFjdGVkXQ==');
    });
  });

  test('prints names from manifests so that nothing acts upon them', async () => {
    const unknown = (name: string) => ({
      apiVersion: 'networking.istio.io/v1',
      kind: 'Sidecar',
      metadata: { name },
      spec: { [name]: name },
    });
    const named = (name: string): string =>
      shopWith(name, [unknown(name)])
        .replaceAll(JSON.stringify('web'), JSON.stringify(name))
        .replaceAll('"shop"', JSON.stringify(`s${name}`));
    for (const written of await everyOutput(named('plain'), named(HOSTILE_NAME), tableWith(HOSTILE_NAME), shopWith('plain')))
      expectHarmless(written);
  });
});

/** What is printed in the format that it claims, and no more than that. */
function expectHarmless({ argv, kind, output, errors, files }: Written): void {
  const what = argv.join(' ');
  for (const text of [output, errors, ...Object.values(files)]) {
    expect(ACTIVE_CHARACTERS.exec(text), `${what}: active characters in ${around(text, ACTIVE_CHARACTERS)}`).toBeNull();
    if (text === output && kind === 'github') {
      for (const line of text.trimEnd().split('\n')) expect(line, what).toMatch(/^$|^::(error|warning|notice) /);
      expect(text, what).not.toMatch(/##\w*\[/);
    } else expect(COMMANDS.exec(text), `${what}: a command in ${around(text, COMMANDS)}`).toBeNull();
  }
  for (const text of kind === 'text' ? [] : [output, ...Object.values(files)].filter((each) => each !== ''))
    expectFormat(text, kind, what);
}

function around(text: string, pattern: RegExp): string {
  const index = text.search(pattern);
  return JSON.stringify(text.slice(Math.max(0, index - 60), index + 60));
}

function expectFormat(text: string, kind: Written['kind'], what: string): void {
  switch (kind) {
    case 'json':
      expect(() => JSON.parse(text), what).not.toThrow();
      break;
    case 'yaml':
      expect(() => parseYamlValue(text), what).not.toThrow();
      break;
    case 'xml':
      expectXml(text, what);
      break;
    case 'html':
      expect(text.match(/<script/g), what).toHaveLength(2);
      expect(text, what).not.toMatch(/<img|<!--/);
      break;
    case 'markdown': {
      const outside = bareMarkdown(text.replaceAll(/^(`{3,})diff\n[\s\S]*?\n\1$/gm, ''));
      expect(outside.replaceAll(/<\/?(?:code|br|details|summary)>/g, ''), what).not.toMatch(
        /[<>`]|@\w|(?<!\()https:\/\/(?!istio)/,
      );
      break;
    }
    case 'mermaid':
      for (const line of text.trimEnd().split('\n')) {
        expect(line, what).toMatch(
          /^flowchart LR$|^ {2}end$|^ *(?:subgraph )?\w+[([{]*"[^"]*"[)\]}]*$|^ {2}\w+ [-.x>]+\|"[^"]*"\| \w+$/,
        );
      }
      break;
    case 'dot':
      for (const line of text.trimEnd().split('\n')) {
        expect(line.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""'), what).toMatch(
          /^ *(?:""( -> "")?|node|edge) \[[\w"=, -]*\];$|^ *(?:rankdir|label)=[\w"]+;$|^ *(?:digraph|subgraph) \w+ \{$|^ *\}$/,
        );
      }
      break;
    default:
  }
}

function expectXml(text: string, what: string): void {
  const open: string[] = [];
  for (const [tag, closing, name = '', , empty] of text.matchAll(
    /<(\/?)(\w+)((?: \w+="[^"<&]*(?:&(?:amp|lt|gt|quot|#10);[^"<&]*)*")*)(\/?)>/g,
  )) {
    if (closing) expect(open.pop(), `${what}: ${tag}`).toBe(name);
    else if (!empty) open.push(name);
  }
  expect(open, what).toEqual([]);
  expect(text.match(/</g)?.length, what).toBe((text.match(/<\/?\w+[^<>]*>|<\?xml[^<>]*\?>/g) ?? []).length);
}
