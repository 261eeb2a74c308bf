// npm run fuzz: tries mesh with inputs that nobody would write, and tells what goes wrong (docs/fuzzing.md). Its parts are in fuzz/,
// written in TypeScript, and are bundled with the program itself before they run.
import { join, resolve } from 'node:path';
import process from 'node:process';
import { build } from 'rolldown';
import { rawText } from './lib/raw-text.mjs';

const root = resolve(import.meta.dirname, '..');
const dir = join(root, '.fuzz/program');
await build({
  input: { main: join(root, 'scripts/fuzz/main.ts'), worker: join(root, 'scripts/fuzz/worker.ts') },
  platform: 'node',
  plugins: [rawText],
  // The helpers of the bundler are in the bundle, packages are not.
  external: (id) => /^[^./]/.test(id) && !/^\W?@oxc-project/.test(id),
  transform: { target: 'node20' },
  output: {
    dir,
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name]-[hash].mjs',
    sourcemap: true,
    cleanDir: true,
  },
});
const { fuzz } = await import(join(dir, 'main.mjs'));
process.exitCode = await fuzz(process.argv.slice(2), root, join(dir, 'worker.mjs'));
