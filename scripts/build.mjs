// npm run build: dist/ from src/. The program is put into a few files, since Node takes longer to find and read two hundred modules
// than mesh needs for its work. They are CommonJS, for which V8 can be given what it compiled before (bin/load-program.js); the library
// is an ES module all the same. Declarations are tsc's, of what the public door reaches.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import process from 'node:process';
import { rolldown } from 'rolldown';
import { pruneDeclarations } from './lib/prune-declarations.mjs';
import { rawText } from './lib/raw-text.mjs';

process.chdir(new URL('..', import.meta.url).pathname);
rmSync('dist', { recursive: true, force: true });

const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
/** Files that hold some modules and all that they import, apart from what is in the files before. */
const files = [
  [
    'base',
    /^(diagnostics\/user-error|output\/(diagnostics|format-table|[a-z]+\/formats)|releases\/index|source\/file-system)\.ts$/,
  ],
  ['program', /^cli\/main\.ts$/],
  ['input', /^(input\/load|findings\/policy\/levels)\.ts$/],
  ['documents', /^(findings\/documents|util\/quantity)\.ts$/],
  ['mesh', /^compile\/session\.ts$/],
  ['trace', /^(workbench\/workbench|trace\/(trace|table))\.ts$/],
  ['findings', /^findings\/findings\.ts$/],
];
const bundle = await rolldown({
  input: { index: 'src/index.ts', 'cli/main': 'src/cli/main.ts' },
  platform: 'node',
  plugins: [rawText],
  // Packages are npm's to install.
  external: Object.keys(dependencies),
  transform: { target: 'node20' },
});
await bundle.write({
  dir: 'dist',
  format: 'cjs',
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name]-[hash].cjs',
  sourcemap: true,
  sourcemapExcludeSources: true,
  // Names stay, for stack traces; Node reads a file without its spaces and comments sooner.
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  codeSplitting: {
    // What only some commands use stays in files of its own.
    groups: files.map(([name, modules], index) => ({
      name,
      test: (id) => modules.test(relative('src', id)),
      priority: files.length - index,
    })),
  },
});
// One character beyond Latin-1 makes V8 hold the whole text of a file in two bytes a character.
for (const name of readdirSync('dist', { recursive: true }).filter((path) => path.endsWith('.cjs'))) {
  const text = readFileSync(join('dist', name), 'utf8');
  const escaped = text.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  if (escaped !== text) writeFileSync(join('dist', name), escaped);
}
const exported = Object.keys(createRequire(import.meta.url)('../dist/index.cjs'));
writeFileSync('dist/index.js', `export { ${exported.join(', ')} } from './index.cjs';\n`);
// Nobody reads what its commands print, and a process is ended that prints more than a megabyte into a pipe of execFileSync.
execFileSync(process.execPath, ['scripts/compile-ahead.mjs'], { stdio: ['ignore', 'ignore', 'pipe'] });
// By its path, since npx asks npm, which may be at work elsewhere (`npm install --global`).
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
pruneDeclarations('dist');
