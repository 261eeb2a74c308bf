import { withManifests } from '../../input/load.ts';
import { openWorkbench } from '../../workbench/workbench.ts';
import { type Ground, groundOf } from './callers.ts';
import type { WrittenResource } from './report.ts';

/** The mesh with these manifests among the others, in place of those of the same names; they are read as files are. */
export function amendedGround({ bench }: Ground, manifests: readonly WrittenResource[]): Ground {
  const texts = manifests.map((manifest, index) => ({ file: `recommended-${index + 1}.yaml`, text: JSON.stringify(manifest) }));
  const problems: string[] = [];
  const input = withManifests(bench.input, texts, ({ message }) => void problems.push(message));
  if (problems.length > 0) throw new TypeError(`a recommended manifest cannot be read: ${problems.join('; ')}`);
  return groundOf(openWorkbench(input));
}
