import type { UserError } from '../diagnostics/user-error.ts';
import { UnsendableRequestError } from '../operations/request-tables/unsendable-request-error.ts';
import { NoEntranceError } from '../operations/why/no-entrance-error.ts';

/** What a mistake of the caller is, in words. */
export async function userErrorWords(error: UserError): Promise<string> {
  if (error instanceof UnsendableRequestError) {
    const { file, line, column } = error.location;
    return `${file}:${line}:${column}: ${await userErrorWords(error.cause)}`;
  }
  if (!(error instanceof NoEntranceError)) return error.message;
  const { noEntranceWords } = await import('../output/why/no-entrance.ts');
  return noEntranceWords(error);
}
