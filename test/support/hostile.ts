import fc from 'fast-check';

/** Pieces that break out of one format or another. */
const pieces = [
  ...[
    '\u0000',
    '\u0007',
    '\u001b[31m',
    '\u001b]0;title\u0007',
    '\u007f',
    '\u009b31m',
    '\u2028',
    '\u2029',
    '\u202e',
    '\u2066',
    '\ufeff',
  ],
  ...['\ud800', '\udc00', '\ufffe', '\u{e0041}', '\n', '\r', '\r\n', '\t', ' ', '\n\n', '    '],
  ...['::error file=x::pwned', '::stop-commands::t', '##[group]g', '##vso[task.setvariable variable=x]y', '%0A', '%'],
  ...[
    '`',
    '```',
    '``````',
    '~~~',
    '|',
    '\\',
    '\\|',
    '"',
    "'",
    '<',
    '>',
    '<img src=x onerror=alert(1)>',
    '</script>',
    '<!--',
    '-->',
    ']]>',
  ],
  ...[
    '&',
    '&lt;',
    '&#10;',
    '*',
    '**',
    '_',
    '~~',
    '$',
    '$$',
    '[a](https://evil.example)',
    '![a](x)',
    '@admin',
    '#123',
    'GH-1',
    'www.evil.example',
  ],
  ...[
    '# ',
    '- ',
    '1. ',
    '+ ',
    '=',
    '---',
    '{{',
    '}}',
    '$\u007bx}',
    '$(x)',
    '%%{init}%%',
    'end',
    ';',
    '#quot;',
    '\\N',
    '\\l',
    'name',
    'é',
    '漢字',
    '👍',
  ],
];

/** Names and values as somebody would write them who wants more than a name. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...pieces), { maxLength: 8 })
  .map((parts) => parts.join(''));

/** Characters that act on a terminal or a viewer; what lays out a text of many lines is none. */
export const ACTIVE_CHARACTERS: RegExp =
  /[^\P{Cc}\t\n]|[\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}\uFEFF\uFFFE\uFFFF\u{E0000}-\u{E007F}]/u;

/** Lines that a CI runner would execute. */
export const COMMANDS: RegExp = /^[^\S\n]*::[A-Za-z][\w-]*( [^\n]*)?::|##\w*\[/m;

/** One name with a bit of everything. */
export const HOSTILE_NAME =
  'n"><script>alert(1)</script>\'`|$\u007bx}{{y}}\\ ]]>--><img src=x onerror=alert(2)>\u001b[31mRED\u001b]0;title\u0007\n::error file=x::pwned\n%0A::warning::x\u2028\u202e\u009bend```\n##[group]@admin #1';

/** Markdown without what is certainly no markup: escapes, code, references. */
export function bareMarkdown(text: string): string {
  return text.replaceAll(/\\[!-/:-@[-`{-~]|<code>(?:[^<`|]|&#\d+;)*<\/code>|(?<!`)`[^`\n]+`(?!`)/g, '');
}
