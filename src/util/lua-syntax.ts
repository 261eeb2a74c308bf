import { createRequire } from 'node:module';
import type * as Luaparse from 'luaparse';

/**
 * What is wrong with the syntax of a Lua script, with line and column; undefined for a script that LuaJIT reads. LuaJIT reads Lua 5.1 with
 * parts of 5.2 and literals of its own: what one of the two readings takes is taken.
 */
export function luaSyntaxProblem(script: string): string | undefined {
  // LuaJIT passes over a byte order mark.
  const text = script.replace(/^\uFEFF/, '');
  // Few inputs hold scripts, and reading the parser takes longer than looking through a small mesh.
  const parser = createRequire(import.meta.url)('luaparse') as typeof Luaparse;
  const first = problemOf(parser, text, 'LuaJIT');
  if (first === undefined) return undefined;
  const second = problemOf(parser, text, '5.2');
  if (second === undefined) return undefined;
  // The reading that got further tells what is meant.
  return (second.index > first.index ? second : first).message;
}

function problemOf(
  parser: typeof Luaparse,
  text: string,
  luaVersion: 'LuaJIT' | '5.2',
): { readonly index: number; readonly message: string } | undefined {
  try {
    // The declared type of the options knows one value of this one only.
    const options: object = { luaVersion, extendedIdentifiers: true, comments: false };
    parser.parse(text, options);
    return undefined;
  } catch (failure) {
    // Nested too deeply for the parser.
    if (failure instanceof RangeError) return undefined;
    if (!(failure instanceof SyntaxError)) throw failure;
    const { line, column, index } = failure as SyntaxError & Readonly<Record<'line' | 'column' | 'index', number>>;
    const reason = failure.message.replace(/^\[\d+:\d+\] /, '');
    return { index, message: `line ${line}, column ${column + 1}: ${reason}` };
  }
}
