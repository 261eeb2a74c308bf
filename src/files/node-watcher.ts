import { watch } from 'node:fs';
import { join } from 'node:path';
import type { Watcher } from '../input/watching.ts';

/** Editors and git change a file in several steps: what comes this soon after each other is one change. */
const QUIET_MILLISECONDS = 30;

/** Watches real folders. The process ends when somebody ends it, and leaves nothing. */
export function createNodeWatcher(): Watcher {
  const followed = new Set<string>();
  const changed = new Set<string>();
  let tell = (): void => {};
  const note = (path: string): void => {
    changed.add(path);
    tell();
  };
  return {
    follow(folder) {
      if (followed.has(folder)) return;
      followed.add(folder);
      try {
        const watcher = watch(folder, (_, name) => note(name === null ? folder : join(folder, name)));
        // A folder that is gone may come again.
        watcher.on('error', () => followed.delete(folder));
      } catch {
        followed.delete(folder);
      }
    },
    next: () =>
      new Promise((resolve) => {
        let timer: NodeJS.Timeout | undefined;
        const settle = (): void => {
          tell = () => {};
          const paths = [...changed];
          changed.clear();
          resolve(paths);
        };
        tell = () => {
          clearTimeout(timer);
          timer = setTimeout(settle, QUIET_MILLISECONDS);
        };
        if (changed.size > 0) tell();
      }),
  };
}
