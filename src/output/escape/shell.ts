import { visible } from './characters.ts';
import { createTag, type Tag } from './printable.ts';

/** A script for bash or zsh: what is put into it is one word, in single quotes. */
export const bash: Tag<'bash'> = createTag((text) => `'${visible(text).replaceAll("'", "'\\''")}'`);

/** A script for fish: what is put into it is one word, in single quotes. */
export const fish: Tag<'fish'> = createTag((text) => `'${visible(text).replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`);
