import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeOutputFile } from '../../../src/files/output-file.ts';
import { openOutputFolder, type Undoing, UnwritableError } from '../../../src/files/output-folder.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mesh-out-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** What is to be undone now. */
function undoing(): Undoing & { readonly pending: Set<() => void> } {
  const pending = new Set<() => void>();
  return { pending, add: (undo) => void pending.add(undo), delete: (undo) => void pending.delete(undo) };
}

/** The files of a folder with what they hold. */
function contentOf(folder: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

describe('a folder that is written as a whole', () => {
  test('shows nothing before commit, all after it, and no trace of the work', () => {
    const out = join(root, 'deep/er');
    const undo = undoing();
    const folder = openOutputFolder(out, undo);
    folder.write('a.json', 'A');
    folder.write('b.json', 'B');
    expect(readdirSync(out).filter((name) => !name.startsWith('.'))).toEqual([]);
    folder.commit();
    folder.discard();
    expect(contentOf(out)).toEqual({ 'a.json': 'A', 'b.json': 'B' });
    expect(undo.pending.size).toBe(0);
  });

  test('takes away files with commit', () => {
    writeFileSync(join(root, 'old.json'), 'OLD');
    const folder = openOutputFolder(root, undoing());
    folder.remove('old.json');
    folder.write('new.json', 'NEW');
    folder.commit();
    expect(contentOf(root)).toEqual({ 'new.json': 'NEW' });
  });

  test('is as it was after discard, and gone when it was not there', () => {
    writeFileSync(join(root, 'a.json'), 'OLD');
    const inside = openOutputFolder(root, undoing());
    inside.write('a.json', 'NEW');
    inside.remove('a.json.old');
    inside.discard();
    expect(contentOf(root)).toEqual({ 'a.json': 'OLD' });
    const made = openOutputFolder(join(root, 'x/y'), undoing());
    made.write('a.json', 'NEW');
    made.discard();
    expect(existsSync(join(root, 'x'))).toBe(false);
  });

  test('is left by what a signal undoes', () => {
    const undo = undoing();
    openOutputFolder(join(root, 'x/y'), undo).write('a.json', 'NEW');
    for (const one of undo.pending) one();
    expect(readdirSync(root)).toEqual([]);
  });

  const disks = [true, false].flatMap((hasLinks) => [1, 2, 3, 4, 5, 6].map((failing) => ({ hasLinks, failing })));
  test.each(disks)('is as it was when renaming number $failing fails (second names: $hasLinks)', ({ hasLinks, failing }) => {
    writeFileSync(join(root, 'b.json'), 'OLD');
    writeFileSync(join(root, 'd.json'), 'STALE');
    symlinkSync('/nowhere', join(root, 'c.json'));
    let steps = 0;
    const folder = openOutputFolder(root, undoing(), {
      link(existing, name) {
        if (!hasLinks) throw new Error('EPERM');
        linkSync(existing, name);
      },
      rename(from, to) {
        steps++;
        if (steps === failing) throw Object.assign(new Error('EIO: i/o error, rename'), { code: 'EIO' });
        renameSync(from, to);
      },
    });
    for (const name of ['a.json', 'b.json', 'c.json']) folder.write(name, 'NEW');
    folder.remove('d.json');
    if (failing > (hasLinks ? 4 : 6)) {
      folder.commit();
      expect(readdirSync(root).sort()).toEqual(['a.json', 'b.json', 'c.json']);
      return;
    }
    expect(() => folder.commit()).toThrow(new UnwritableError(root, 'i/o error'));
    folder.discard();
    expect(readdirSync(root).sort()).toEqual(['b.json', 'c.json', 'd.json']);
    expect(readFileSync(join(root, 'b.json'), 'utf8')).toBe('OLD');
    expect(readlinkSync(join(root, 'c.json'))).toBe('/nowhere');
  });

  test('takes no names that lead elsewhere, and none twice', () => {
    const folder = openOutputFolder(root, undoing());
    for (const name of ['', '.', '..', '../x', '/x', 'a/b', 'a\\b', 'a\0b']) {
      expect(() => folder.write(name, '')).toThrow('is not the name of a file');
      expect(() => folder.remove(name)).toThrow('is not the name of a file');
    }
    folder.write('a.json', '');
    expect(() => folder.write('A.json', '')).toThrow('two files would have the name A.json');
    folder.discard();
    expect(readdirSync(root)).toEqual([]);
  });

  test('says what is in the way of a file before it replaces any', () => {
    mkdirSync(join(root, 'b.json'));
    writeFileSync(join(root, 'a.json'), 'OLD');
    const folder = openOutputFolder(root, undoing());
    folder.write('a.json', 'NEW');
    expect(() => folder.write('b.json', 'NEW')).toThrow(
      new UnwritableError(join(root, 'b.json'), 'a folder of that name is in the way'),
    );
    folder.discard();
    expect(readFileSync(join(root, 'a.json'), 'utf8')).toBe('OLD');
  });

  test('replaces a link in it, and leaves what the link leads to', () => {
    writeFileSync(join(root, 'elsewhere'), 'MINE');
    mkdirSync(join(root, 'out'));
    symlinkSync('../elsewhere', join(root, 'out/a.json'));
    const folder = openOutputFolder(join(root, 'out'), undoing());
    folder.write('a.json', 'NEW');
    folder.commit();
    expect(contentOf(join(root, 'out'))).toEqual({ 'a.json': 'NEW' });
    expect(readFileSync(join(root, 'elsewhere'), 'utf8')).toBe('MINE');
  });

  test('keeps who may read a file that it replaces', () => {
    writeFileSync(join(root, 'a.json'), 'OLD');
    chmodSync(join(root, 'a.json'), 0o600);
    const folder = openOutputFolder(root, undoing());
    folder.write('a.json', 'NEW');
    folder.commit();
    expect(statSync(join(root, 'a.json')).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['/proc/mesh/x', '/proc takes no new folders'],
    ['/proc/1', 'nobody can make files there'],
    ['/dev/null', 'a file of that name is in the way'],
    ['/dev/null/x', '/dev/null is no folder'],
    [`/tmp/${'x'.repeat(300)}`, 'its name is too long'],
  ])('%s cannot be opened', (path, reason) => {
    expect(() => openOutputFolder(path, undoing())).toThrow(new UnwritableError(path, reason));
  });
});

describe('a file that is written as a whole', () => {
  const write = (path: string, content = 'NEW'): void => writeOutputFile(path, content, undoing());

  test('stands alone in its folder, which is made where there is none', () => {
    write(join(root, 'x/y.json'));
    write(join(root, 'x/y.json'), 'NEWER');
    expect(contentOf(join(root, 'x'))).toEqual({ 'y.json': 'NEWER' });
  });

  test('is written where the link leads that is named', () => {
    writeFileSync(join(root, 'real.json'), 'OLD');
    symlinkSync('real.json', join(root, 'link.json'));
    write(join(root, 'link.json'));
    expect(readlinkSync(join(root, 'link.json'))).toBe('real.json');
    expect(readFileSync(join(root, 'real.json'), 'utf8')).toBe('NEW');
  });

  test('is no device: what is written there is gone, and the device stays', () => {
    write('/dev/null');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(() => write('/dev/full')).toThrow(new UnwritableError('/dev/full', 'the disk is full'));
  });

  test.each([
    ['.', 'it is a folder'],
    ['new/', 'it is a folder'],
    ['lost', 'its link leads nowhere'],
    ['file/x', 'a part of the path is not a folder'],
  ])('%s cannot be written', (name, reason) => {
    writeFileSync(join(root, 'file'), '');
    symlinkSync('nowhere', join(root, 'lost'));
    expect(() => write(`${root}/${name}`)).toThrow(reason);
    expect(readdirSync(root).sort()).toEqual(['file', 'lost']);
  });
});
