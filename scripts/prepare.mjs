// What npm runs before it packs or links this project, so that a package made from git holds the program: after `npm ci`, for
// `npm install git+...` and pre-commit, and for `npm pack` in a fresh clone.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import process from 'node:process';

process.chdir(new URL('..', import.meta.url).pathname);
if (!canBuild() && isPacked()) {
  // `npm pack --dry-run` and `npm install --global` are for packing and installing alone, not for the packages to build with.
  const flags = ['--dry-run=false', '--global=false', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund'];
  run('npm', 'ci', ...flags);
}
if (canBuild()) run(process.execPath, 'scripts/build.mjs');
else console.error('mesh was not built, since the packages to build it with are left out; bin/mesh.js will say what to run');

/** Whether a package is made: by `npm pack`, or by npm of a git address, which says so to the npm that prepares it (pacote, lib/git.js). */
function isPacked() {
  const { npm_command: command = '', _PACOTE_NO_PREPARE_: clone } = process.env;
  return ['pack', 'publish'].includes(command) || clone !== undefined;
}

function canBuild() {
  try {
    createRequire(import.meta.url).resolve('rolldown');
    return true;
  } catch {
    return false;
  }
}

/** Runs a program; all that it says goes to standard error, since standard output may be a list of npm's. */
function run(program, ...args) {
  execFileSync(program, args, { stdio: ['ignore', 2, 2] });
}
