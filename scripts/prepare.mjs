// What npm runs before it packs or links this project, so that a package made from git holds the program: after `npm ci`, for
// `npm install git+...` and pre-commit (which install the packages to build with first), and for `npm pack` in a fresh clone.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import process from 'node:process';

process.chdir(new URL('..', import.meta.url).pathname);
if (!canBuild() && ['pack', 'publish'].includes(process.env.npm_command ?? '')) {
  // `npm pack --dry-run` is for packing alone.
  run('npm', 'ci', '--dry-run=false', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund');
}
if (canBuild()) run(process.execPath, 'scripts/build.mjs');
else console.error('mesh was not built, since the packages to build it with are left out; bin/mesh.js will say what to run');

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
