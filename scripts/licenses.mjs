// npm run licenses [folder]: the licences of all packages that package-lock.json names. Exit status 1 when one of them is not among those
// that the project may use, or unknown. What only this project's own work needs may also be under a licence that asks for changes of
// the package itself to be published.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const PERMISSIVE = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'PSF-2.0',
  'Unlicense',
];
const FOR_OUR_WORK = [...PERMISSIVE, 'MPL-2.0'];

const root = process.argv[2] ?? new URL('..', import.meta.url).pathname;
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));

const found = new Map();
const problems = [];
let absent = 0;
for (const [path, { version, dev = false, optional = false, license: locked }] of Object.entries(packages)) {
  if (path === '') continue;
  const license = licenseOf(path) ?? locked;
  if (license === undefined && dev && optional) {
    // For other systems: not installed here, and of the same project as the one that is.
    absent++;
    continue;
  }
  const name = `${path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)}@${version}`;
  found.set(license ?? 'unknown', [...(found.get(license ?? 'unknown') ?? []), name]);
  if (!isAllowed(license ?? '', dev ? FOR_OUR_WORK : PERMISSIVE)) problems.push(`${name}: ${license ?? 'no licence is named'}`);
}

for (const [license, names] of [...found].sort(([a], [b]) => (a < b ? -1 : 1))) {
  console.log(`${license} (${names.length}): ${[...new Set(names)].sort().join(', ')}`);
}
if (absent > 0) console.log(`not installed on this system (${absent})`);
for (const problem of problems) console.error(`error: this licence is not among those that the project may use: ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;

/** The licence that an installed package names. */
function licenseOf(path) {
  try {
    const { license } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'));
    return typeof license === 'string' ? license : license?.type;
  } catch {
    return undefined;
  }
}

/** Whether one of the alternatives of an SPDX expression is allowed. */
function isAllowed(expression, allowed) {
  return expression
    .replaceAll(/[()]/g, '')
    .split(' OR ')
    .some((alternative) => alternative.split(' AND ').every((license) => allowed.includes(license)));
}
