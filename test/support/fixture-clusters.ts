import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The files of a fixture of several clusters, as if they lay in `/work`. */
export function filesOfFixture(fixture: string): Readonly<Record<string, string>> {
  const folder = resolve(import.meta.dirname, '../../fixtures', fixture);
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => {
        const path = join(parentPath, name);
        return [path.replace(folder, '/work'), readFileSync(path, 'utf8')];
      }),
  );
}
