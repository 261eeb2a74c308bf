// Part of npm run build: lets the usual commands run once and keeps what V8 has compiled for them, for the next runs (bin/load-program.js).
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import process from 'node:process';

const { createLoader } = createRequire(import.meta.url)('../bin/load-program.js');
const root = resolve(import.meta.dirname, '..');
const scripts = new Map();
const load = createLoader(resolve(root, 'dist'), (script, path) => scripts.set(path, script));

const example = resolve(root, 'fixtures/bookinfo');
if (!existsSync(example)) {
  console.error(`nothing was compiled ahead: ${example} is not there to try the program with`);
  process.exit(0);
}
process.chdir(example);
const { main } = load(resolve(root, 'dist/cli/main.cjs'));
const commands = [
  'analyze',
  'validate .',
  'translate',
  'proxy-config routes productpage-v1-0',
  'describe pod productpage-v1-0',
  'trace --from productpage-v1-0 http://reviews:9080/',
];
for (const command of commands) {
  process.argv = [process.execPath, 'mesh', ...command.split(' ')];
  await main();
  if (process.exitCode !== 0) throw new Error(`mesh ${command}: exit status ${process.exitCode}`);
}
for (const [path, script] of scripts) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, script.createCachedData());
}
