import { visible } from './characters.ts';
import { contentOf, createTag, type Escaped, escaped, type Tag } from './printable.ts';

/** A piece of Markdown as GitHub and GitLab read it. */
export type Markdown = Escaped<'markdown'>;

/** Characters that begin markup within a line. */
const MARKUP = /[\\`*_~$<>&|[\]]/g;
/** What begins a heading, a list or a rule at the start of a block. */
const BLOCK = /^[#+=-]|(?<=^\d+)[.)]/;
/** What the sites make links of and tell people about: `@name`, `#1`, `GH-1`, addresses other than those of Istio's documentation. */
const LINKED = /@[\w-]|#\d|\bGH-\d|(?:https?|ftp):\/\/(?!istio\.io\/)|www\./i;

/** Markdown: what is put into it is text on one line, no markup, no link and no mention, also inside a table. */
export const markdown: Tag<'markdown'> = createTag((text) => {
  const words = onOneLine(text).split(' ');
  const escapeWord = (word: string): string =>
    LINKED.test(word) ? contentOf(codeSpan(word, 'in a table')) : word.replace(MARKUP, '\\$&');
  return words.map(escapeWord).join(' ').replace(BLOCK, '\\$&');
});

/** A text in the type of code. */
export function codeSpan(text: string, place: 'in a table' | 'in text' = 'in text'): Markdown {
  const shown = onOneLine(text);
  if (shown === '') return escaped('');
  // In such code there are no escapes, so that nothing could be done about a backtick; and a bar in a cell takes all backslashes before it.
  if (/`|\\\|/.test(shown)) return escaped(`<code>${withReferences(shown)}</code>`);
  return escaped(`\`${place === 'in a table' ? shown.replaceAll('|', '\\|') : shown}\``);
}

/** Lines as a block of code that none of them can end. */
export function codeBlock(language: 'diff', lines: readonly string[]): Markdown {
  const shown = lines.map(visible);
  const longest = shown.flatMap((line) => line.match(/`+/g) ?? []).reduce((most, { length }) => Math.max(most, length), 2);
  const fence = '`'.repeat(longest + 1);
  return escaped(`${fence}${language}\n${shown.map((line) => `${line}\n`).join('')}${fence}`);
}

/** A part that is unfolded by a click. Its summary is HTML, in which a backslash escapes nothing. */
export function folded(summary: string, body: Markdown): Markdown {
  const words = onOneLine(summary).split(' ');
  const text = words.map((word) => (LINKED.test(word) ? `<code>${withReferences(word)}</code>` : withReferences(word))).join(' ');
  return escaped(`<details><summary>${text}</summary>\n\n${contentOf(body)}\n\n</details>`);
}

/** Line breaks are blanks, as they would be in Markdown. */
function onOneLine(text: string): string {
  const lines = text.split(/[\r\n]/).map((line) => line.trim());
  return visible(lines.filter((line) => line !== '').join(' '));
}

/** Everything that could mean something as a reference to its character. */
function withReferences(text: string): string {
  return text.replace(/[^\p{L}\p{N} ./():-]|:(?=\/\/)|(?<=www)\./giu, (character) => `&#${character.codePointAt(0)};`);
}
