/** Exit statuses, as istioctl's (istioctl/cmd/sysexits.go). */
export const EXIT = { fine: 0, failure: 1, usage: 64, data: 65, undecided: 80, findings: 79 } as const;

/** Ends a command with a message on standard error and an exit status. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failure) {
    super(message);
    this.exitCode = exitCode;
  }
}
