import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import { UnreadableError } from '../../../src/source/file-system.ts';
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

  test('links within a folder are followed, and circles of them end', () => {
    const links = {
      '/work/m/loop': '/work/m',
      '/work/m/more': '/work/m/.other',
      '/work/m/z.yaml': '/work/m/b.yaml',
      '/work/m/lost.yaml': '/work/gone',
    };
    const world = { files: { ...files, '/work/m/.other/o.yaml': 'o: 1' }, links };
    expect(read(['m'], world)).toEqual({
      files: ['m/a.yml', 'm/b.yaml', 'm/deep/c.json', 'm/more/o.yaml'],
      messages: ['MESH0001 cannot read m/lost.yaml: the link leads nowhere'],
    });
  });

  const outside = {
    files: { ...files, '/secret/token.yaml': 'x', '/secret/key': 'x', '/work/other/o.yaml': 'o: 1' },
    links: {
      '/work/m/out.yaml': '/secret/token.yaml',
      '/work/m/out': '/work/other',
      '/work/m/key': '/secret/key',
      '/work/m/.cache': '/secret',
    },
  };

  test('links that lead out of a folder are not followed, and told', () => {
    expect(read(['m'], outside)).toEqual({
      files: ['m/a.yml', 'm/b.yaml', 'm/deep/c.json'],
      messages: [
        'MESH0040 m/out.yaml is a link to /secret/token.yaml, which is not in m: not read; name the link itself to read it',
        'MESH0040 m/out is a link to /work/other, which is not in m: not read; name the link itself to read it',
      ],
    });
    expect(read(['.'], outside).messages).toEqual([
      'MESH0040 ./m/out.yaml is a link to /secret/token.yaml, which is not in .: not read; name the link itself to read it',
    ]);
  });

  test('a pattern names no links that lead out of the folder that it begins with', () => {
    expect(read(['m/*.yaml'], outside)).toEqual({
      files: ['/work/m/b.yaml', '/work/m/mesh.config.yaml'],
      messages: [
        'MESH0040 /work/m/out.yaml is a link to /secret/token.yaml, which is not in m/*.yaml: not read; name the link itself to read it',
      ],
    });
    expect(read(['m/o*'], outside).messages[0]).toMatch('MESH0040 /work/m/out is a link to /work/other');
  });

  test('a link that is named is followed wherever it leads, and what lies outside of its folder is not to be shown', () => {
    const links = { ...outside.links, '/work/m/far': '/secret/far' };
    const world = { files: { ...outside.files, '/secret/far/x.yaml': 'x' }, links };
    const texts = readTexts(['m/out.yaml', 'm/far/x.yaml', 'm/b.yaml', 'm/out'], createFakeIo(world), () => {});
    expect(texts).toEqual([
      { file: 'm/out.yaml', text: 'x', isForeign: true },
      { file: 'm/far/x.yaml', text: 'x', isForeign: true },
      { file: 'm/b.yaml', text: 'b: 1' },
      { file: 'm/out/o.yaml', text: 'o: 1', isFound: true },
    ]);
  });

  test('pipes and devices in a folder are passed over, also behind links and patterns; those that are named are read', () => {
    const streams = ['/work/m/pipe.yaml', '/dev/fd/63'];
    const world = { files, streams, links: { '/work/m/link.yaml': '/work/m/pipe.yaml' } };
    const expected = ['m/a.yml', 'm/b.yaml', 'm/deep/c.json'];
    expect(read(['m'], world)).toEqual({ files: expected, messages: [] });
    expect(read(['m/p*.yaml'], world).messages).toEqual(['MESH0002 no manifests in m/p*.yaml: no file matches the pattern']);
    expect(read(['/dev/fd/63'], { ...world, files: { ...files, '/dev/fd/63': 'a: 1' } }).files).toEqual(['/dev/fd/63']);
  });

  test('standard input that cannot be read is reported with the place of what is wrong', () => {
    const diagnostics: Diagnostic[] = [];
    const badInput = new UnreadableError('standard input', 'it is not UTF-8 text (byte 0xff in line 2)', {
      place: { line: 2, column: 5 },
    });
    readTexts(['-', 'm'], createFakeIo({ files, badInput }), (diagnostic) => void diagnostics.push(diagnostic));
    expect(diagnostics).toMatchObject([
      {
        message: 'cannot read standard input: it is not UTF-8 text (byte 0xff in line 2)',
        location: { file: '-', line: 2, column: 5 },
      },
    ]);
  });
});
