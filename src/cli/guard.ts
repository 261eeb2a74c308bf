import type { Printable, PrintableBytes } from '../output/escape/printable.ts';
import { withoutPrivateKeys } from '../output/escape/private-keys.ts';
import type { Io } from './io.ts';

/**
 * The same world without private keys in anything that is written. Values of Secrets are sealed where they are read
 * (source/secrets.ts); a key that somebody put into an EnvoyFilter or a ConfigMap goes the way of all configuration, up to here.
 */
export function guardOutput(io: Io): Io {
  return {
    ...io,
    out: (content) => io.out(guarded(content)),
    err: (text) => io.err(withoutPrivateKeys(text)),
    writeFile: (path, content) => io.writeFile(path, guarded(content)),
    openFolder(path) {
      const folder = io.openFolder(path);
      const isParts = (content: Content | readonly Content[]): content is readonly Content[] => Array.isArray(content);
      return {
        ...folder,
        write: (name, content) => folder.write(name, isParts(content) ? content.map(guarded) : guarded(content)),
      };
    },
  };
}

type Content = Printable | PrintableBytes;

/** Bytes have been looked through when they were made. */
function guarded(content: Content): Content {
  return typeof content === 'string' ? withoutPrivateKeys(content) : content;
}
