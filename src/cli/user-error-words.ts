import type { UserError } from '../diagnostics/user-error.ts';
import { NoEntranceError } from '../operations/why/no-entrance-error.ts';

/** What a mistake of the caller is, in words. */
export async function userErrorWords(error: UserError): Promise<string> {
  if (!(error instanceof NoEntranceError)) return error.message;
  const { noEntranceWords } = await import('../output/why/no-entrance.ts');
  return noEntranceWords(error);
}
