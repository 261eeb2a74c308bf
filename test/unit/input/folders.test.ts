import { describe, expect, test } from 'vitest';
import { groupByFolder, type NamedObjects } from '../../../src/input/folders.ts';

const file = (name: string, ...names: readonly string[]): NamedObjects => ({ file: name, names: new Set(names) });
const groups = (...files: readonly NamedObjects[]): readonly (readonly string[])[] =>
  groupByFolder(files).map((group) => group.map((one) => one.file).sort());

describe('folders that hold variants of one object', () => {
  test('without any there is one group, however deep the folders', () => {
    expect(groups(file('a.yaml', 'a'), file('b/b.yaml', 'b'), file('b/c/c.yaml', 'c'))).toEqual([
      ['a.yaml', 'b/b.yaml', 'b/c/c.yaml'],
    ]);
  });

  test('two go apart, each with what is there once', () => {
    expect(
      groups(file('app.yaml', 'app'), file('lib/lib.yaml', 'lib'), file('v1/web.yaml', 'web'), file('v2/web.yaml', 'web')),
    ).toEqual([
      ['app.yaml', 'lib/lib.yaml', 'v1/web.yaml'],
      ['app.yaml', 'lib/lib.yaml', 'v2/web.yaml'],
    ]);
  });

  test('variants further down go apart with all that is beside the folders above them', () => {
    expect(groups(file('apps/a.yaml', 'a'), file('env/dev/w.yaml', 'web'), file('env/prod/w.yaml', 'web'))).toEqual([
      ['apps/a.yaml', 'env/dev/w.yaml'],
      ['apps/a.yaml', 'env/prod/w.yaml'],
    ]);
  });

  test('what a variant has of its own goes before what is common', () => {
    expect(groups(file('web.yaml', 'web'), file('x/web.yaml', 'web'), file('y/web.yaml', 'web'))).toEqual([
      ['web.yaml'],
      ['x/web.yaml'],
      ['y/web.yaml'],
    ]);
    expect(groups(file('app.yaml', 'app'), file('web.yaml', 'web'), file('canary/web.yaml', 'web'))).toEqual([
      ['app.yaml', 'web.yaml'],
      ['app.yaml', 'canary/web.yaml'],
    ]);
  });

  test('a folder whose file is there twice in itself stays as it is', () => {
    expect(groups(file('a/1.yaml', 'web'), file('a/2.yaml', 'web'))).toEqual([['a/1.yaml', 'a/2.yaml']]);
  });
});
