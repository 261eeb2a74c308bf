import { own } from '../util/object.ts';

/** Node's codes of what goes wrong with files, in words that end a sentence. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a folder',
  EEXIST: 'a file of that name is in the way',
  ENOTEMPTY: 'a folder of that name is in the way',
  ELOOP: 'its links lead in a circle',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
  EFBIG: 'it would become too large for the limit that is set',
  ENAMETOOLONG: 'its name is too long',
  EBUSY: 'something else holds it',
  EXDEV: 'it lies on another disk than its folder',
  ENXIO: 'nothing answers there',
  ENODEV: 'nothing answers there',
  ERR_STRING_TOO_LONG: 'it is too large',
  ERR_FS_FILE_TOO_LARGE: 'it is too large',
  ERR_INVALID_ARG_VALUE: 'its name holds a character that no name of a file may have',
};

/** Why an operation on files failed, in words. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code = '' } = error as NodeJS.ErrnoException;
  // `EIO: i/o error, read '/a/b'`: what the system says of a code that is not above.
  return own(reasons, code) ?? /^[A-Z0-9]+: (.+?), \w+/.exec(error.message)?.[1] ?? error.message;
}

/** Whether an error is the answer of the system to a request, as opposed to a bug of ours. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}
