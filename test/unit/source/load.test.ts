import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import { readTexts } from '../../../src/source/load.ts';
import { createFakeIo, type FakeWorld } from '../../support/fake-io.ts';

function read(paths: readonly string[], world: FakeWorld) {
  const diagnostics: Diagnostic[] = [];
  const texts = readTexts(paths, createFakeIo(world), (diagnostic) => void diagnostics.push(diagnostic));
  return { files: texts.map(({ file }) => file), messages: diagnostics.map(({ code, message }) => `${code} ${message}`) };
}

const files = {
  '/work/m/b.yaml': 'b: 1',
  '/work/m/a.yml': 'a: 1',
  '/work/m/deep/c.json': '{}',
  '/work/m/readme.md': '#',
  '/work/m/mesh.config.yaml': 'manifests: [.]',
  '/work/m/.git/config.yaml': 'x: 1',
  '/work/m/node_modules/p/x.yaml': 'x: 1',
};

describe('reading paths', () => {
  test('a folder is read recursively, by name, without hidden folders and what is no manifest', () => {
    expect(read(['m'], { files })).toEqual({ files: ['m/a.yml', 'm/b.yaml', 'm/deep/c.json'], messages: [] });
  });

  test('a file that several paths name is read once', () => {
    expect(read(['m/b.yaml', 'm', './m/b.yaml'], { files }).files).toEqual(['m/b.yaml', 'm/a.yml', 'm/deep/c.json']);
  });

  test('a pattern stands for the files that match it', () => {
    expect(read(['/work/m/*.y*ml'], { files }).files).toEqual(['/work/m/a.yml', '/work/m/b.yaml', '/work/m/mesh.config.yaml']);
    expect(read(['m/*.txt'], { files }).messages).toEqual(['MESH0002 no manifests in m/*.txt: no file matches the pattern']);
  });

  test('a file of any name is read when it is named', () => {
    expect(read(['m/readme.md'], { files }).files).toEqual(['m/readme.md']);
  });

  test('standard input is read once', () => {
    expect(read(['-', '-'], { stdin: 'a: 1' }).files).toEqual(['-']);
  });

  test('what is not there, or empty, or forbidden is reported, and the rest is read', () => {
    const world = {
      files: { ...files, '/work/e/x.txt': '', '/work/s/secret.yaml': 'x', '/work/s/t.yaml': 'y' },
      forbidden: ['/work/s/secret.yaml', '/work/m/deep'],
    };
    expect(read(['nix.yaml', 'e', 's', 'm'], world)).toEqual({
      files: ['s/t.yaml', 'm/a.yml', 'm/b.yaml'],
      messages: [
        'MESH0001 cannot read nix.yaml: no such file or folder',
        'MESH0002 no manifests in e: the folder has no .yaml, .yml or .json file',
        'MESH0001 cannot read s/secret.yaml: permission denied',
        'MESH0001 cannot read m/deep: permission denied',
      ],
    });
  });

  test('links are followed, and circles of them end', () => {
    const links = {
      '/work/m/loop': '/work/m',
      '/work/m/more': '/work/other',
      '/work/m/z.yaml': '/work/m/b.yaml',
      '/work/m/lost.yaml': '/work/gone',
    };
    const world = { files: { ...files, '/work/other/o.yaml': 'o: 1' }, links };
    expect(read(['m'], world)).toEqual({
      files: ['m/a.yml', 'm/b.yaml', 'm/deep/c.json', 'm/more/o.yaml'],
      messages: ['MESH0001 cannot read m/lost.yaml: the link leads nowhere'],
    });
  });
});
