import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../../src/cli/main.ts';
import { type Git, withRevisions } from '../../../src/input/revisions.ts';
import { readTexts } from '../../../src/source/load.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const service = (port: number): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {selector: {app: web}, ports: [{name: http, port: ${port}}]}\n`;
const pod =
  'apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, labels: {app: web}}\nspec: {containers: [{name: app, ports: [{containerPort: 80}]}]}\n';

let folder = '';
const git = (...args: readonly string[]): void =>
  void execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], {
    cwd: folder,
    stdio: 'ignore',
  });
const gitOf: Git = (args, input = '') => execFileSync('git', args, { cwd: folder, input, stdio: ['pipe', 'pipe', 'ignore'] });
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mesh-revisions-'));
  git('init', '-q');
  mkdirSync(join(folder, 'manifests/inner'), { recursive: true });
  write('manifests/web.yaml', service(80));
  write('manifests/inner/pod.yaml', pod);
  write('manifests/inner/notes.txt', 'no manifest');
  symlinkSync('manifests', join(folder, 'linked'));
  git('add', '.');
  git('commit', '-qm', 'one');
  write('manifests/web.yaml', service(8080));
  git('add', '.');
  git('commit', '-qm', 'two');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('files of git revisions', () => {
  const read = (...paths: readonly string[]) => {
    const problems: string[] = [];
    const files = withRevisions(createFakeIo(), gitOf);
    const texts = readTexts(paths, files, ({ message }) => void problems.push(message));
    return { texts: Object.fromEntries(texts.map(({ file, text }) => [file, text])), problems };
  };

  test('a folder is read with those in it, and only manifests', () => {
    expect(read('HEAD~1:manifests')).toEqual({
      texts: { 'HEAD~1:manifests/inner/pod.yaml': pod, 'HEAD~1:manifests/web.yaml': service(80) },
      problems: [],
    });
  });

  test('each revision has its own texts', () => {
    expect(read('HEAD~1:manifests/web.yaml', 'HEAD:manifests/web.yaml').texts).toEqual({
      'HEAD~1:manifests/web.yaml': service(80),
      'HEAD:manifests/web.yaml': service(8080),
    });
  });

  test('links are followed, and patterns select', () => {
    expect(Object.keys(read('HEAD:linked/web.yaml').texts)).toEqual(['HEAD:linked/web.yaml']);
    expect(Object.keys(read('HEAD:manifests/**/*.yaml').texts)).toEqual([
      'HEAD:manifests/inner/pod.yaml',
      'HEAD:manifests/web.yaml',
    ]);
    expect(Object.keys(read('HEAD:{manifests,other}/w*.yaml').texts)).toEqual(['HEAD:manifests/web.yaml']);
  });

  test('the empty path is the whole revision', () => {
    expect(Object.keys(read('HEAD:').texts)).toEqual(['HEAD:/manifests/inner/pod.yaml', 'HEAD:/manifests/web.yaml']);
  });

  test('what is not there is reported', () => {
    expect(read('HEAD:nothing').problems).toEqual([expect.stringContaining('no such file or folder')]);
    expect(read('nobody:manifests').problems).toEqual([expect.stringContaining('no such file or folder')]);
  });

  test('a revision cannot be taken for a flag of git', () => {
    const calls: (readonly string[])[] = [];
    const files = withRevisions(createFakeIo(), (args) => {
      calls.push(args);
      throw new Error('not a git repository');
    });
    expect(files.kindOf('--output=x:manifests')).toBeUndefined();
    expect(calls).toEqual([]);
  });
});

describe('mesh diff of revisions', () => {
  test('compares a revision with another, and names its files', async () => {
    const io = createFakeIo({ git: gitOf });
    expect(await run(['diff', 'HEAD~1:manifests', 'HEAD:manifests'], io)).toBe(1);
    expect(io.output()).toContain('Service shop/web changed (HEAD:manifests/web.yaml:4)');
  });

  test('says so when there is no such revision', async () => {
    const io = createFakeIo({ git: gitOf });
    expect(await run(['diff', 'nobody:manifests', 'HEAD:manifests'], io)).toBe(65);
    expect(io.errors()).toContain('git knows no such file or folder, or no such revision');
  });
});
