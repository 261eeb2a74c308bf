// npm run build: dist/ from src/. The program is put into a few files, since Node takes longer to find and read two hundred modules
// than mesh needs for its work; what only some commands use stays in files of its own. Declarations are tsc's, of what
// the public door reaches.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { build } from 'esbuild';
import { pruneDeclarations } from './lib/prune-declarations.mjs';
import { rawText } from './lib/raw-text.mjs';

process.chdir(new URL('..', import.meta.url).pathname);
rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: ['src/index.ts', 'src/cli/main.ts'],
  outdir: 'dist',
  outbase: 'src',
  bundle: true,
  plugins: [rawText],
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  legalComments: 'none',
  sourcemap: 'linked',
  sourcesContent: false,
  logLevel: 'warning',
});
// By its path, since npx asks npm, which may be at work elsewhere (`npm install --global`).
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
pruneDeclarations('dist');
