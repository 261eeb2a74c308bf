import { readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Deletes the declarations of a folder that `index.d.ts` in it does not reach: users see that door only. */
export function pruneDeclarations(folder) {
  const reached = declarationsFrom(join(folder, 'index.d.ts'));
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  for (const file of files.filter(({ name }) => name.endsWith('.d.ts'))) {
    const path = resolve(file.parentPath, file.name);
    if (!reached.has(path)) rmSync(path);
  }
  const folders = files.filter((entry) => entry.isDirectory()).map(({ parentPath, name }) => join(parentPath, name));
  // The deepest first.
  for (const path of folders.sort((a, b) => b.length - a.length)) if (readdirSync(path).length === 0) rmdirSync(path);
}

function declarationsFrom(entry) {
  const reached = new Set();
  const waiting = [resolve(entry)];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    const imports = readFileSync(path, 'utf8').matchAll(/(?:\bfrom|\bimport\()\s*'(\.[^']+)\.(?:ts|js)'/g);
    for (const [, target] of imports) waiting.push(resolve(dirname(path), `${target}.d.ts`));
  }
  return reached;
}
