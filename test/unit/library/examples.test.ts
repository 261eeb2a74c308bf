import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import * as library from '../../../src/index.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const root = resolve(import.meta.dirname, '../../..');
const docs = readFileSync(join(root, 'docs/library.md'), 'utf8');
const examples = [...docs.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code);
const [first = '', ...others] = examples;

/** All examples in one module: the first is what the others begin from. */
const source = `import { ${Object.keys(library).join(', ')} } from '${join(root, 'src/index.ts')}';
import type { Input, InputFiles } from '${join(root, 'src/index.ts')}';
declare const text: string;
declare const changed: Input;
declare const files: InputFiles;
${[first.replace(/^import .*$/m, ''), ...others.map((example) => `{\n${example}}\n`)].join('\n')}`;

describe('the examples of docs/library.md', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'library-examples-'));
    writeFileSync(join(folder, 'examples.mts'), source);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('are of five lines', () => {
    expect(examples.length).toBeGreaterThan(5);
    for (const example of examples) expect(example.trim().split('\n').length, example).toBeLessThanOrEqual(5);
  });

  test('name what the library has, as it has it', { timeout: 120_000 }, async () => {
    const extensions = { rewriteRelativeImportExtensions: false, allowImportingTsExtensions: true };
    const options = { noEmit: true, typeRoots: [join(root, 'node_modules/@types')], ...extensions };
    const project = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: options,
      include: [join(root, 'src'), 'examples.mts'],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
    const compiler = join(root, 'node_modules/.bin/tsc');
    const said = await new Promise((done) => {
      execFile(compiler, ['--project', folder, '--pretty', 'false'], { cwd: root }, (_, stdout) => done(stdout));
    });
    expect(said).toBe('');
  });

  test('run', async () => {
    const manifests = join(root, 'fixtures/bookinfo/manifests');
    const text = readdirSync(manifests)
      .map((file) => readFileSync(join(manifests, file), 'utf8'))
      .join('\n---\n');
    vi.stubGlobal('text', text);
    vi.stubGlobal('changed', library.inputOfTexts([{ file: 'mesh.yaml', text: text.replaceAll('v1', 'v2') }]));
    vi.stubGlobal(
      'files',
      createFakeIo({ files: Object.fromEntries(['manifests', 'east', 'west'].map((name) => [`/work/${name}/mesh.yaml`, text])) }),
    );
    await import(join(folder, 'examples.mts'));
    vi.unstubAllGlobals();
  });
});
