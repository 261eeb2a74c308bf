import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const bookinfo = join(root, 'fixtures/bookinfo');
const VERSION = '98.7.6-test.1';

/** The project's files that a release is made of. */
const parts = [
  'bin',
  'docs',
  'schemas',
  'scripts',
  'src',
  '.npmrc',
  'CHANGELOG.md',
  'LICENSE',
  'NOTICE',
  'README.md',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
];

function run(program: string, args: readonly string[], cwd: string) {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, SOURCE_DATE_EPOCH: '86400' },
    maxBuffer: 1 << 28,
  });
  return { status, stdout, stderr };
}

/** What Node looks for in itself; builds of some distributions have none. */
const canHoldPrograms = readFileSync(process.execPath).includes('NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2');
if (!canHoldPrograms) console.warn('No files of a release were made, since this build of Node cannot hold a program.');

describe.skipIf(!canHoldPrograms)('the files of a release', () => {
  let project = '';
  let files: readonly string[] = [];
  const ofRelease = (name: string): string => join(project, 'release', name);

  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), 'mesh-release-'));
    for (const part of parts) cpSync(join(root, part), join(project, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
    const { status, stderr } = run('npm', ['run', '-s', 'release:files', '--', VERSION], project);
    expect(status, stderr).toBe(0);
    files = readdirSync(join(project, 'release'));
  }, 600_000);
  afterAll(() => rmSync(project, { recursive: true, force: true }), 300_000);

  const binary = (): string => ofRelease(files.find((name) => /^mesh-98/.test(name)) ?? 'none');

  test('are a package, an executable, what changed, and the checksums of these', () => {
    const sums = readFileSync(ofRelease('SHA256SUMS'), 'utf8');
    const names = ['CHANGES.md', `mesh-${VERSION}-${process.platform}-${process.arch}`, `mesh-xds-${VERSION}.tgz`];
    expect([...files].sort()).toEqual([...names.slice(0, 1), 'SHA256SUMS', ...names.slice(1)]);
    for (const name of names) {
      expect(sums).toContain(
        `${createHash('sha256')
          .update(readFileSync(ofRelease(name)))
          .digest('hex')}  ${name}\n`,
      );
    }
  });

  test('have the version that was asked for, and so has the project', () => {
    const changelog = readFileSync(join(project, 'CHANGELOG.md'), 'utf8');
    expect(changelog).toContain(`## Unreleased\n\n## ${VERSION} - 1970-01-02\n\n### Added`);
    expect(readFileSync(ofRelease('CHANGES.md'), 'utf8')).toMatch(new RegExp(`^## ${VERSION} - 1970-01-02\n`));
    for (const file of ['package.json', 'package-lock.json']) {
      expect(JSON.parse(readFileSync(join(project, file), 'utf8')).version).toBe(VERSION);
    }
    expect(run(binary(), ['version', '--short'], project).stdout).toBe(`${VERSION}\n`);
  });

  test('a version that is none, or is there already, changes nothing', () => {
    const script = ['scripts/release-files.mjs'];
    expect(run(process.execPath, [...script, '1.x'], project)).toMatchObject({
      status: 1,
      stderr: 'error: 1.x is no version such as 1.2.3\n',
    });
    expect(readdirSync(join(project, 'release'))).toEqual(files);
  });

  test.each([
    ['translate'],
    ['proxy-config routes productpage-v1-0'],
    ['analyze --verify always -o sarif'],
    ['trace --from productpage-v1-0 http://reviews:9080/'],
    ['graph -o html'],
    ['pc clusters -f missing.json'],
    ['translate -f manifests/*.yaml -o envoy --proxy reviews-v1-0'],
  ])('the executable needs no Node beside it and does what mesh does: %s', (line) => {
    const args = line.split(' ');
    const own = spawnSync(binary(), args, { cwd: bookinfo, encoding: 'utf8', env: { PATH: '/nowhere' }, maxBuffer: 1 << 28 });
    const { status, stdout, stderr } = run(process.execPath, [join(root, 'bin/mesh.js'), ...args], bookinfo);
    // The one that was built has another version.
    const plain = (text: string): string => text.replaceAll(VERSION, readVersion());
    expect([own.status, plain(own.stdout), plain(own.stderr)]).toEqual([status, stdout, stderr]);
  });

  test('the package is installed globally and runs', { timeout: 300_000 }, () => {
    const prefix = join(project, 'prefix');
    const flags = ['--global', '--prefix', prefix, '--prefer-offline', '--no-audit', '--no-fund'];
    const installed = run('npm', ['install', ...flags, ofRelease(`mesh-xds-${VERSION}.tgz`)], project);
    expect(installed.status, installed.stderr).toBe(0);
    expect(run(join(prefix, 'bin/mesh'), ['version', '--short'], bookinfo).stdout).toBe(`${VERSION}\n`);
    const call = ['proxy-config', 'routes', 'productpage-v1-0', '--origin'];
    const own = run(process.execPath, [join(root, 'bin/mesh.js'), ...call], bookinfo);
    expect(run(join(prefix, 'bin/mesh'), call, bookinfo)).toEqual(own);
    expect(own.status).toBe(0);
  });
});

function readVersion(): string {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
}
