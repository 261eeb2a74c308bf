// npm run release:files [-- version [folder]]: the files of a release in release/ (or the folder): the package for npm, the executable for
// this kind of machine, what changed, and checksums. With another version than that of package.json, the project gets that version
// first: in package.json and package-lock.json, and CHANGELOG.md with what stands under "Unreleased". Commit and tag that. The date is
// today's, or that of SOURCE_DATE_EPOCH.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';

process.chdir(new URL('..', import.meta.url).pathname);
const current = versionNow();
const [version = current, folder = 'release'] = process.argv.slice(2);
if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version)) fail(`${version} is no version such as 1.2.3`);

if (version !== current) {
  writeFileSync('CHANGELOG.md', withRelease(readFileSync('CHANGELOG.md', 'utf8'), version, today()));
  run('npm', 'version', version, '--no-git-tag-version', '--allow-same-version');
}
const changes = changesOf(readFileSync('CHANGELOG.md', 'utf8'), version);

const out = resolve(folder);
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
run('npm', 'pack', '--pack-destination', out);
run(process.execPath, 'scripts/package-binary.mjs', out);
writeFileSync(join(out, 'CHANGES.md'), changes);
const sums = readdirSync(out)
  .sort()
  .map(
    (name) =>
      `${createHash('sha256')
        .update(readFileSync(join(out, name)))
        .digest('hex')}  ${name}\n`,
  );
writeFileSync(join(out, 'SHA256SUMS'), sums.join(''));
console.log(`${out}:\n${sums.join('')}`);

function versionNow() {
  return JSON.parse(readFileSync('package.json', 'utf8')).version;
}

function today() {
  const { SOURCE_DATE_EPOCH: seconds } = process.env;
  return new Date(seconds === undefined ? Date.now() : Number(seconds) * 1000).toISOString().slice(0, 10);
}

/** A changelog in which what was unreleased is this version's. */
function withRelease(changelog, name, date) {
  if (changelog.includes(`\n## ${name} `)) fail(`CHANGELOG.md has a version ${name} already`);
  if (!/^## Unreleased\n/m.test(changelog)) fail('CHANGELOG.md has no heading "## Unreleased"');
  return changelog.replace(/^## Unreleased\n/m, `## Unreleased\n\n## ${name} - ${date}\n`);
}

/** What CHANGELOG.md says of a version; of one that was never released, what is unreleased. */
function changesOf(changelog, name) {
  const sections = changelog.split(/^(?=## )/m);
  const found =
    sections.find((section) => section.startsWith(`## ${name} `)) ?? sections.find((s) => s.startsWith('## Unreleased'));
  return `${found?.trimEnd() ?? ''}\n`;
}

/** Runs a program; what it says goes to standard error. */
function run(program, ...args) {
  execFileSync(program, args, { stdio: ['ignore', 2, 2] });
}

function fail(reason) {
  console.error(`error: ${reason}`);
  process.exit(1);
}
