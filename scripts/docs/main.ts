import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fillIn, generatedParts } from './findings.ts';

/** The pages that have generated parts. */
export const pages: readonly string[] = ['docs/analyze.md', 'docs/findings.md', 'docs/istiod-environment.md'];

/** Writes the generated parts of the pages below a folder. */
export function writeDocs(root: string): void {
  const parts = generatedParts();
  for (const page of pages) {
    const path = join(root, page);
    writeFileSync(path, fillIn(readFileSync(path, 'utf8'), parts));
  }
}
