import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** A command of a page, in the folder of fixtures that its block begins with, and the lines that it is said to print. */
interface Example {
  readonly place: string;
  readonly folder: string;
  readonly command: string;
  readonly lines: readonly string[];
}

/** The examples of a page: blocks marked `console`. */
function examplesOf(page: string): readonly Example[] {
  const lines = readFileSync(join(root, page), 'utf8').split('\n');
  const examples: Example[] = [];
  let folder: string | undefined;
  let isInside = false;
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('```')) {
      isInside = line === '```console';
      folder = undefined;
    } else if (isInside && line.startsWith('$ cd ')) {
      folder = line.slice('$ cd '.length);
    } else if (isInside && line.startsWith('$ ')) {
      examples.push({ place: `${page}:${index + 1}`, folder: folder ?? '', command: line.slice(2), lines: [] });
    } else if (isInside) {
      const last = examples.pop();
      if (last !== undefined) examples.push({ ...last, lines: [...last.lines, line.trimEnd()] });
    }
  }
  return examples;
}

const examples = pages.flatMap(examplesOf);

describe('examples of the documentation', () => {
  let work = '';
  beforeAll(() => {
    work = mkdtempSync(join(tmpdir(), 'mesh-examples-'));
    const folders = new Set(examples.flatMap(({ folder, command }) => [folder, ...(command.match(/fixtures\/[\w-]+/g) ?? [])]));
    folders.delete('');
    for (const folder of [...folders, 'fixtures/operations']) cpSync(join(root, folder), join(work, folder), { recursive: true });
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }), 300_000);

  test('are found', () => {
    expect(examples.length).toBeGreaterThan(15);
    expect(examples.filter(({ folder }) => !/^fixtures\/[\w-]+$/.test(folder)).map(({ place }) => place)).toEqual([]);
  });

  // In order: one may use a file that another one wrote.
  test.each(examples)('$place  $command', ({ folder, command, lines }) => {
    const shell = `mesh() { "${process.execPath}" "${join(root, 'bin/mesh.js')}" "$@"; }; ${command}`;
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', shell], { cwd: join(work, folder), encoding: 'utf8' });
    const printed = (stdout + stderr).split('\n').map((line) => line.trimEnd());
    expect(fits(lines, printed) ? lines : printed).toEqual(lines);
  });
});

/** Whether the lines are those that were printed, where `...` stands for any. */
function fits(lines: readonly string[], printed: readonly string[]): boolean {
  const parts = lines.join('\n').split(/^\s*\.\.\.$/m);
  const pattern = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[^]*');
  return new RegExp(`^${pattern}\\n*$`).test(printed.join('\n'));
}
