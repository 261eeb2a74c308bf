/** Plain comparison of texts by code unit, as Go compares strings (for the ASCII names of Kubernetes). */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The text with the letters of ASCII in lower case, as absl folds it for Envoy. */
export function lowerAscii(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** The text with everything escaped that means something in a regular expression, as Go's regexp.QuoteMeta. */
export function quoteMeta(text: string): string {
  return text.replaceAll(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}

/** The text without any of some characters at its ends; Go strings.Trim. */
export function trimCharacters(text: string, characters: string): string {
  const [start, end] = [trimmedStart(text, characters), trimmedEnd(text, characters)];
  return text.slice(start, Math.max(start, end));
}

/** The text without any of some characters at its end; Go strings.TrimRight. */
export function trimEndCharacters(text: string, characters: string): string {
  return text.slice(0, trimmedEnd(text, characters));
}

function trimmedStart(text: string, characters: string): number {
  let start = 0;
  while (start < text.length && characters.includes(text.charAt(start))) start++;
  return start;
}

function trimmedEnd(text: string, characters: string): number {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end--;
  return end;
}

/** A test of whole texts by a pattern in which `*` stands for any text and nothing else has a meaning. */
export function wildcardTest(pattern: string): (text: string) => boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return (text) => text === pattern;
  return (text) => {
    if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
    const end = text.length - last.length;
    let position = first.length;
    for (const part of rest) {
      const found = text.indexOf(part, position);
      if (found === -1 || found + part.length > end) return false;
      position = found + part.length;
    }
    return true;
  };
}

/** How many of a long list one wants to read, where nobody says otherwise. */
const MOST_LISTED = 3;

/** Names as a list of which one wants to read the first. */
export function listed(names: readonly string[], most: number = MOST_LISTED): string {
  const rest = names.length - most;
  return rest > 0 ? `${names.slice(0, most).join(', ')} and ${rest} more` : names.join(', ');
}
