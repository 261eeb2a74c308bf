/**
 * JSON as Go's encoding/json prints it with an indent of four blanks: characters that HTML would read as markup are escaped, and so
 * are the two line separators that JavaScript once could not hold.
 */
export function formatGoJson(value: unknown): string {
  const escapes: Readonly<Record<string, string>> = {
    '<': '\\u003c',
    '>': '\\u003e',
    '&': '\\u0026',
    '\u2028': '\\u2028',
    '\u2029': '\\u2029',
  };
  return JSON.stringify(value, null, 4).replace(/[<>&\u2028\u2029]/g, (character) => escapes[character] ?? character);
}
