import { constants } from 'node:os';
import process from 'node:process';
import type { Undoing } from './output-folder.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * What is to be undone when the process ends before its time. While there is something, the process listens for signals; it then
 * undoes all and dies of the signal, as it would have (shells report 130 and 143).
 */
export function createUndoing(): Undoing {
  const pending = new Set<() => void>();
  const undoAll = (): void => {
    for (const undo of [...pending]) undo();
  };
  const stop = (signal: (typeof SIGNALS)[number]): void => {
    undoAll();
    process.kill(process.pid, signal);
    // The first process of a container does not die of signals.
    process.exit(128 + constants.signals[signal]);
  };
  return {
    add(undo) {
      if (pending.size === 0) {
        for (const signal of SIGNALS) process.on(signal, stop);
        process.on('exit', undoAll);
      }
      pending.add(undo);
    },
    delete(undo) {
      if (!pending.delete(undo) || pending.size > 0) return;
      for (const signal of SIGNALS) process.off(signal, stop);
      process.off('exit', undoAll);
    },
  };
}
