import type { Command } from 'commander';
import type { Io } from './io.ts';

/** What a command gets to do its work. */
export interface CommandContext {
  readonly io: Io;
  /** The same world for those who asked for private keys: nothing is masked in what they get. */
  readonly unguarded: Io;
  /** Notes the exit status of the command; 0 where a command says nothing. */
  finish(exitCode: number): void;
}

/** Makes one command: its flags and help. The work itself is imported when the command runs, so that starting stays cheap. */
export type CommandFactory = (context: CommandContext) => Command;
